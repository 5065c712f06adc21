using System.Globalization;
using Sip.Transports;

namespace Sip.B2bua.TestKit;

/// <summary>
/// A domain name system of a few lines, for a server on a <see cref="MemoryNetwork"/>. What it has no line for does not exist.
/// <code>
///   network.Dns.Add("NAPTR a.test 10 10 s SIP+D2U _sip._udp.a.test");
///   network.Dns.Add("SRV _sip._udp.a.test 10 20 5060 pbx.a.test");
///   network.Dns.Add("A pbx.a.test 192.0.2.1");
///   network.Dns.Add("AAAA pbx.a.test timeout");
/// </code>
/// </summary>
public sealed class MemoryDns : IDnsSource
{
    private readonly Dictionary<(string Name, DnsType Type), List<DnsRecord>> records = [];
    private readonly HashSet<(string Name, DnsType Type)> silent = [];

    /// <summary>Every look-up so far: "Srv _sip._udp.a.test".</summary>
    public IList<string> Asked { get; } = [];

    /// <summary>The names of the machine's own hosts file.</summary>
    public ISet<string> LocalHosts { get; } = new HashSet<string>();

    /// <summary>Adds records, or with "timeout" in place of a content the silence of the name servers.</summary>
    /// <param name="lines">One record each.</param>
    public void Add(params ReadOnlySpan<string> lines)
    {
        foreach (string line in lines)
        {
            string[] words = line.Split(' ');
            DnsType type = Enum.Parse<DnsType>(words[0], ignoreCase: true);
            if (words[2] == "timeout")
            {
                silent.Add((words[1], type));
                continue;
            }

            if (!records.TryGetValue((words[1], type), out List<DnsRecord>? known))
            {
                records[(words[1], type)] = known = [];
            }

            known.Add(Read(type, words));
        }
    }

    /// <inheritdoc/>
    public bool IsLocalHost(string name) => LocalHosts.Contains(name);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer> LookUpAsync(string name, DnsType type)
    {
        Asked.Add($"{type} {name}");
        return new(silent.Contains((name, type)) ? DnsAnswer.Failed
            : records.TryGetValue((name, type), out List<DnsRecord>? found) ? new DnsAnswer(DnsStatus.Found, found)
            : DnsAnswer.Nothing);
    }

    private static DnsRecord Read(DnsType type, string[] words) => type switch
    {
        DnsType.Srv => new DnsRecord
        {
            Name = words[1], Type = type, Priority = Number(words[2]), Weight = Number(words[3]), Port = Number(words[4]), Target = words[5].TrimEnd('.'),
        },
        DnsType.Naptr => new DnsRecord
        {
            Name = words[1], Type = type, Priority = Number(words[2]), Weight = Number(words[3]), Flags = words[4], Service = words[5], Target = words[6],
        },
        _ => new DnsRecord { Name = words[1], Type = type, Address = SipAddress.From(System.Net.IPAddress.Parse(words[2]), 0) },
    };

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
