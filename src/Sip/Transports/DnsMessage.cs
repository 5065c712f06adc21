using System.Buffers.Binary;
using System.Text;

namespace Sip.Transports;

/// <summary>
/// DNS messages to and from octets (RFC 1035 4). What is read comes from strangers: every length is checked against the octets
/// that are there, counts are not believed, and nothing that a message says can make reading it cost more than its own length.
/// </summary>
internal static class DnsMessage
{
    /// <summary>The longest question that is written.</summary>
    public const int MaxQuery = 512;

    /// <summary>The datagram that we take (RFC 6891 6.2.5): what passes every network unfragmented.</summary>
    public const int MaxDatagram = 1232;

    private const int HeaderLength = 12;
    private const int MaxRecords = 64;
    private const int Internet = 1;
    private const ushort OptType = 41;

    /// <summary>Writes a question and returns its length.</summary>
    /// <param name="to">At least <see cref="MaxQuery"/> octets.</param>
    /// <param name="id">The message's id.</param>
    /// <param name="name">A normal name.</param>
    /// <param name="type">The type of the records.</param>
    /// <param name="extended">Whether to say how long a datagram we take (RFC 6891), which old servers do not understand.</param>
    public static int WriteQuery(Span<byte> to, ushort id, string name, DnsType type, bool extended)
    {
        to[..HeaderLength].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(to, id);
        to[2] = 0x01; // RD: the server shall ask further by itself
        to[5] = 1;
        to[11] = extended ? (byte)1 : (byte)0;
        int length = HeaderLength + DnsName.Write(name, to[HeaderLength..]);
        BinaryPrimitives.WriteUInt16BigEndian(to[length..], (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(to[(length + 2)..], Internet);
        length += 4;
        if (extended)
        {
            // RFC 6891 6.1.2: the root as name, the datagram's size in place of the class.
            Span<byte> opt = to.Slice(length, 11);
            opt.Clear();
            BinaryPrimitives.WriteUInt16BigEndian(opt[1..], OptType);
            BinaryPrimitives.WriteUInt16BigEndian(opt[3..], MaxDatagram);
            length += opt.Length;
        }

        return length;
    }

    /// <summary>The id of a message, or -1.</summary>
    public static int IdOf(ReadOnlySpan<byte> message) => message.Length < HeaderLength ? -1 : BinaryPrimitives.ReadUInt16BigEndian(message);

    /// <summary>Reads a response; false for whatever is none to a single question of ours.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out DnsReply reply)
    {
        reply = null!;
        if (message.Length < HeaderLength || (message[2] & 0xF8) != 0x80 || Count(message, 4) != 1)
        {
            return false;
        }

        int at = HeaderLength;
        if (!DnsName.TryRead(message, ref at, out string name)
            || message.Length - at < 4
            || BinaryPrimitives.ReadUInt16BigEndian(message[(at + 2)..]) != Internet)
        {
            return false;
        }

        bool truncated = (message[2] & 0x02) != 0;
        DnsType type = (DnsType)BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
        at += 4;
        reply = new DnsReply { Code = message[3] & 0x0F, IsTruncated = truncated, Name = name, Type = type };

        // A truncated message may end anywhere; it is asked for again by TCP.
        return ReadRecords(message, ref at, reply) || truncated;
    }

    private static bool ReadRecords(ReadOnlySpan<byte> message, ref int at, DnsReply reply)
    {
        int answers = Count(message, 6);
        int all = answers + Count(message, 8);
        for (int i = 0; i < all && i < MaxRecords; i++)
        {
            if (!DnsName.TryRead(message, ref at, out string name) || message.Length - at < 10)
            {
                return false;
            }

            ReadOnlySpan<byte> head = message[at..];
            int length = BinaryPrimitives.ReadUInt16BigEndian(head[8..]);
            int start = at + 10;
            if (length > message.Length - start)
            {
                return false;
            }

            DnsType type = (DnsType)BinaryPrimitives.ReadUInt16BigEndian(head);
            int seconds = SecondsOf(head[4..]);
            at = start + length;
            if (BinaryPrimitives.ReadUInt16BigEndian(head[2..]) != Internet)
            {
                continue;
            }

            // A record of ours that cannot be read is left out; the others stand.
            if (i < answers && ReadRecord(message[..at], start, name, type, seconds) is { } record)
            {
                reply.Records.Add(record);
            }
            else if (i >= answers && type == DnsType.Soa)
            {
                reply.NegativeSeconds = NegativeSecondsOf(message[..at], start, seconds);
            }
        }

        return true;
    }

    private static DnsRecord? ReadRecord(ReadOnlySpan<byte> message, int at, string name, DnsType type, int seconds)
    {
        ReadOnlySpan<byte> content = message[at..];
        switch (type)
        {
            case DnsType.A when content.Length == 4:
                SipAddress four = SipAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(content), 0);
                return new DnsRecord { Name = name, Type = type, TimeToLive = seconds, Address = four };
            case DnsType.Aaaa when content.Length == 16:
                SipAddress six = SipAddress.FromIPv6(content, 0);
                return six.IsIPv6 ? new DnsRecord { Name = name, Type = type, TimeToLive = seconds, Address = six } : null;
            case DnsType.Cname when DnsName.TryRead(message, ref at, out string target):
                return new DnsRecord { Name = name, Type = type, TimeToLive = seconds, Target = target };
            case DnsType.Srv when content.Length >= 7:
                at += 6;
                return !DnsName.TryRead(message, ref at, out string host) ? null : new DnsRecord
                {
                    Name = name,
                    Type = type,
                    TimeToLive = seconds,
                    Priority = BinaryPrimitives.ReadUInt16BigEndian(content),
                    Weight = BinaryPrimitives.ReadUInt16BigEndian(content[2..]),
                    Port = BinaryPrimitives.ReadUInt16BigEndian(content[4..]),
                    Target = host,
                };
            case DnsType.Naptr when content.Length >= 8:
                return ReadNaptr(message, at, name, seconds);
            default:
                return null;
        }
    }

    private static DnsRecord? ReadNaptr(ReadOnlySpan<byte> message, int at, string name, int seconds)
    {
        int order = BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
        int preference = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 2)..]);
        at += 4;
        if (!TryReadText(message, ref at, out ReadOnlySpan<byte> flags)
            || !TryReadText(message, ref at, out ReadOnlySpan<byte> service)
            || !TryReadText(message, ref at, out ReadOnlySpan<byte> regexp)
            || !DnsName.TryRead(message, ref at, out string replacement)
            || regexp.Length > 0)
        {
            return null; // RFC 3263 4.1: SIP uses the replacement, never the regular expression
        }

        return new DnsRecord
        {
            Name = name,
            Type = DnsType.Naptr,
            TimeToLive = seconds,
            Priority = order,
            Weight = preference,
            Flags = Encoding.Latin1.GetString(flags).ToLowerInvariant(),
            Service = Encoding.Latin1.GetString(service).ToUpperInvariant(),
            Target = replacement,
        };
    }

    // RFC 1035 3.3: one octet of length and so many octets.
    private static bool TryReadText(ReadOnlySpan<byte> message, ref int at, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (at >= message.Length || message[at] > message.Length - at - 1)
        {
            return false;
        }

        text = message.Slice(at + 1, message[at]);
        at += 1 + text.Length;
        return true;
    }

    // RFC 2308 5: the smaller of the SOA's own time to live and its last number.
    private static int NegativeSecondsOf(ReadOnlySpan<byte> message, int at, int seconds) =>
        DnsName.TryRead(message, ref at, out _) && DnsName.TryRead(message, ref at, out _) && message.Length - at == 20
            ? Math.Min(seconds, SecondsOf(message[(at + 16)..]))
            : -1;

    // RFC 2181 8: a number with the highest bit set means 0.
    private static int SecondsOf(ReadOnlySpan<byte> number) => Math.Max(BinaryPrimitives.ReadInt32BigEndian(number), 0);

    private static int Count(ReadOnlySpan<byte> message, int at) => BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
}
