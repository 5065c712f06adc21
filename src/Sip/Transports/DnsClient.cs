namespace Sip.Transports;

/// <summary>
/// Asks name servers for one loop: a stub resolver (RFC 1034 5.3.1) that knows the machine's hosts file, keeps what it has learned
/// and asks each question only once at a time. Nothing that a name server sends makes it fail or grow beyond its bounds.
/// </summary>
public sealed class DnsClient : IDnsSource
{
    // RFC 1034 3.6.2: aliases of aliases should not be; a few are met.
    private const int MaxHops = 8;
    private const int WarnMilliseconds = 60_000;

    private readonly DnsServers servers;
    private readonly HostsFile hosts;
    private readonly Dictionary<(string Name, DnsType Type), DnsQuestion> questions = [];
    private long warnAgainAt;

    /// <summary>Makes a client on a loop; it opens nothing before the first question.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="options">Servers and bounds; null for the defaults.</param>
    public DnsClient(EventLoop loop, DnsOptions? options = null)
        : this(loop, options ?? new DnsOptions(), new DnsSockets(loop))
    {
    }

    internal DnsClient(EventLoop loop, DnsOptions options, IDnsSockets sockets)
    {
        ArgumentNullException.ThrowIfNull(loop);
        Loop = loop;
        Options = options;
        Sockets = sockets;
        Cache = new DnsCache(loop, options);
        servers = new DnsServers(loop, options);
        hosts = new HostsFile(loop, options.HostsFile);
    }

    /// <summary>The loop.</summary>
    internal EventLoop Loop { get; }

    internal DnsOptions Options { get; }

    internal IDnsSockets Sockets { get; }

    internal DnsCache Cache { get; }

    /// <inheritdoc/>
    public bool IsLocalHost(string name) => DnsName.TryNormalize(name, out string normal, out _) && hosts.TryFind(normal, out _);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer> LookUpAsync(string name, DnsType type)
    {
        if (!DnsName.TryNormalize(name, out string normal, out bool isAbsolute))
        {
            return new ValueTask<DnsAnswer>(DnsAnswer.Nothing);
        }

        if (type is DnsType.A or DnsType.Aaaa && hosts.TryFind(normal, out IReadOnlyList<SipAddress> addresses))
        {
            return new ValueTask<DnsAnswer>(FromHosts(normal, type, addresses));
        }

        return isAbsolute || !DnsName.IsSingleLabel(normal) || servers.Search.Length == 0
            ? FollowAsync(normal, type)
            : SearchAsync(normal, type);
    }

    internal void Answered(DnsQuestion question, DnsAnswer answer)
    {
        questions.Remove((question.Name, question.Type));
        Cache.Add(question.Name, question.Type, answer);
        if (answer.Status == DnsStatus.Failed)
        {
            SipMeter.DnsFailures.Add(1);
            Warn(question);
        }
    }

    // Anybody may cause a look-up: one line a minute says enough.
    private void Warn(DnsQuestion question)
    {
        if (Loop.Now >= warnAgainAt)
        {
            warnAgainAt = Loop.Now + WarnMilliseconds;
            SipLog.NoAnswer(Loop.Logger, question.Type, question.Name);
        }
    }

    private static DnsAnswer FromHosts(string name, DnsType type, IReadOnlyList<SipAddress> addresses)
    {
        List<DnsRecord> records = [];
        foreach (SipAddress address in addresses)
        {
            if (address.IsIPv4 == (type == DnsType.A))
            {
                records.Add(new DnsRecord { Name = name, Type = type, Address = address });
            }
        }

        return records.Count > 0 ? new DnsAnswer(DnsStatus.Found, records) : DnsAnswer.Nothing;
    }

    // resolv.conf(5): a single word is looked for in the search domains; with "ndots:0" as it stands first, else last.
    private async ValueTask<DnsAnswer> SearchAsync(string word, DnsType type)
    {
        DnsAnswer answer = DnsAnswer.Nothing;
        bool searchFirst = servers.SearchFirst;
        if (!searchFirst)
        {
            answer = await FollowAsync(word, type);
        }

        foreach (string domain in servers.Search)
        {
            if (answer.Status == DnsStatus.Nothing && DnsName.TryNormalize($"{word}.{domain}", out string name, out _))
            {
                answer = await FollowAsync(name, type);
            }
        }

        return searchFirst && answer.Status == DnsStatus.Nothing ? await FollowAsync(word, type) : answer;
    }

    private async ValueTask<DnsAnswer> FollowAsync(string name, DnsType type)
    {
        DnsAnswer answer = await AskAsync(name, type);
        for (int hops = 0; answer.Alias is { } alias; hops++)
        {
            if (hops == MaxHops)
            {
                return DnsAnswer.Failed;
            }

            answer = DnsName.TryNormalize(alias, out name, out _) ? await AskAsync(name, type) : DnsAnswer.Nothing;
        }

        return answer;
    }

    private ValueTask<DnsAnswer> AskAsync(string name, DnsType type)
    {
        if (Cache.TryFind(name, type, out DnsAnswer known))
        {
            return new ValueTask<DnsAnswer>(known);
        }

        if (!questions.TryGetValue((name, type), out DnsQuestion? question))
        {
            if (questions.Count >= Options.MaxQuestions)
            {
                SipMeter.DnsFailures.Add(1);
                return new ValueTask<DnsAnswer>(DnsAnswer.Failed);
            }

            SipMeter.DnsQuestions.Add(1);
            question = new DnsQuestion(this, name, type, servers.Servers);
            questions.Add((name, type), question);
            question.Start();
        }

        return new ValueTask<DnsAnswer>(question.Answer);
    }
}
