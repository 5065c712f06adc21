using System.Net;
using System.Text;

namespace Sip.Transports;

/// <summary>The machine's own names: /etc/hosts.</summary>
internal sealed class HostsFile(EventLoop loop, string path)
{
    private readonly WatchedFile file = new(loop, path);
    private Dictionary<string, List<SipAddress>> hosts = [];

    /// <summary>Finds the addresses of a normal name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="addresses">Its addresses of both families, without port.</param>
    public bool TryFind(string name, out IReadOnlyList<SipAddress> addresses)
    {
        if (file.TryReadChanged(out List<string> lines))
        {
            hosts = Parse(lines);
        }

        if (hosts.TryGetValue(name, out List<SipAddress>? found))
        {
            addresses = found;
            return true;
        }

        // RFC 6761 6.3: localhost is this machine, whatever anybody says.
        addresses = name is "localhost" || name.EndsWith(".localhost", StringComparison.Ordinal) ? Loopback : [];
        return addresses.Count > 0;
    }

    private static SipAddress[] Loopback { get; } = [SipAddress.From(IPAddress.Loopback, 0), SipAddress.From(IPAddress.IPv6Loopback, 0)];

    private static Dictionary<string, List<SipAddress>> Parse(List<string> lines)
    {
        Dictionary<string, List<SipAddress>> hosts = [];
        foreach (string line in lines)
        {
            string[] words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (!SipAddress.TryParse(Encoding.UTF8.GetBytes(words[0]), 0, out SipAddress address))
            {
                continue;
            }

            foreach (string word in words.AsSpan(1))
            {
                if (DnsName.TryNormalize(word, out string name, out _))
                {
                    List<SipAddress> known = hosts.TryGetValue(name, out List<SipAddress>? before) ? before : hosts[name] = [];
                    known.Add(address);
                }
            }
        }

        return hosts;
    }
}
