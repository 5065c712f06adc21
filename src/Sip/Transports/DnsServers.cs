using System.Net;

namespace Sip.Transports;

/// <summary>Whom to ask and how: the settings, and what they leave open from the machine's resolv.conf.</summary>
internal sealed class DnsServers
{
    private const int MaxServers = 3;
    private const int MaxSearch = 6;
    private const int Port = 53;

    private readonly DnsOptions options;
    private readonly WatchedFile file;
    private SipAddress[] servers = [];
    private string[] search = [];
    private bool searchFirst = true;

    public DnsServers(EventLoop loop, DnsOptions options)
    {
        this.options = options;
        file = new WatchedFile(loop, options.ResolverFile);
    }

    /// <summary>The name servers, in the order in which they are asked.</summary>
    public SipAddress[] Servers
    {
        get
        {
            Refresh();
            return servers;
        }
    }

    /// <summary>The domains that a single word is looked for in.</summary>
    public string[] Search
    {
        get
        {
            Refresh();
            return search;
        }
    }

    /// <summary>Whether a single word is looked for in the domains before it is looked for as it is ("ndots" is not 0).</summary>
    public bool SearchFirst => searchFirst;

    private void Refresh()
    {
        if (!file.TryReadChanged(out List<string> lines))
        {
            return;
        }

        List<SipAddress> found = [];
        search = [];
        searchFirst = true;
        foreach (string line in lines)
        {
            string[] words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            switch (words[0])
            {
                case "nameserver" when words.Length > 1 && IPAddress.TryParse(words[1], out IPAddress? address) && found.Count < MaxServers:
                    found.Add(SipAddress.From(address, Port));
                    break;
                case "search" or "domain":
                    search = Domains(words.AsSpan(1));
                    break;
                case "options":
                    searchFirst = !words.Contains("ndots:0");
                    break;
                default:
                    break; // the rest is about other programs' habits
            }
        }

        servers = options.Servers.Count > 0 ? [.. options.Servers.Select(SipAddress.From)]
            : found.Count > 0 ? [.. found]
            : [SipAddress.From(IPAddress.Loopback, Port)]; // resolv.conf(5): none given means the one on this machine
    }

    private static string[] Domains(ReadOnlySpan<string> words)
    {
        List<string> domains = [];
        foreach (string word in words)
        {
            if (domains.Count < MaxSearch && DnsName.TryNormalize(word, out string domain, out _))
            {
                domains.Add(domain);
            }
        }

        return [.. domains];
    }
}
