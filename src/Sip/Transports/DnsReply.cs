namespace Sip.Transports;

/// <summary>A name server's message, read.</summary>
internal sealed class DnsReply
{
    /// <summary>No error.</summary>
    public const int Ok = 0;

    /// <summary>The server could not read the question.</summary>
    public const int FormatError = 1;

    /// <summary>The name does not exist.</summary>
    public const int NoSuchName = 3;

    /// <summary>The server does not know what was asked for.</summary>
    public const int NotImplemented = 4;

    // RFC 1034 3.6.2 gives no number; longer chains are mistakes.
    private const int MaxAliases = 8;

    /// <summary>The response code (RFC 1035 4.1.1).</summary>
    public int Code { get; init; }

    /// <summary>Whether records are missing for want of room, so that TCP is to be used.</summary>
    public bool IsTruncated { get; init; }

    /// <summary>The name asked for.</summary>
    public required string Name { get; init; }

    /// <summary>The type asked for.</summary>
    public DnsType Type { get; init; }

    /// <summary>The records of the answer section that have a type of ours.</summary>
    public List<DnsRecord> Records { get; } = [];

    /// <summary>RFC 2308 5: for how long the absence of what was asked for holds; -1 if the server does not say.</summary>
    public int NegativeSeconds { get; set; } = -1;

    /// <summary>What it means for the question: the records at the end of the aliases, nothing, or another name to ask for.</summary>
    public DnsAnswer ToAnswer()
    {
        string name = Name;
        int seconds = int.MaxValue;
        for (int i = 0; i <= MaxAliases; i++)
        {
            List<DnsRecord> found = [];
            DnsRecord? alias = null;
            foreach (DnsRecord record in Records)
            {
                if (record.Name != name)
                {
                    continue;
                }

                if (record.Type == Type)
                {
                    found.Add(record);
                    seconds = Math.Min(seconds, record.TimeToLive);
                }
                else if (record.Type == DnsType.Cname)
                {
                    alias = record;
                }
            }

            if (found.Count > 0)
            {
                return new DnsAnswer(DnsStatus.Found, found) { TimeToLive = seconds };
            }

            if (alias is null)
            {
                return Without(name, seconds);
            }

            seconds = Math.Min(seconds, alias.TimeToLive);
            name = alias.Target;
        }

        return DnsAnswer.Failed;
    }

    // An alias whose end the server says nothing about is asked for again; one that it says does not exist is not.
    private DnsAnswer Without(string name, int seconds) => name != Name && Code == Ok && NegativeSeconds < 0
        ? new DnsAnswer(DnsStatus.Nothing) { Alias = name, TimeToLive = seconds }
        : new DnsAnswer(DnsStatus.Nothing) { TimeToLive = Math.Min(seconds, Math.Max(NegativeSeconds, 0)) };
}
