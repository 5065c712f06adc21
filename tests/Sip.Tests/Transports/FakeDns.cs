using Sip.Transports;

namespace Sip.Tests.Transports;

/// <summary>A domain name system of a few lines: "SRV _sip._udp.a.test 10 20 5060 pbx.a.test", "A pbx.a.test 192.0.2.1", "A gone.test timeout".</summary>
internal sealed class FakeDns : IDnsSource
{
    private readonly Dictionary<(string, DnsType), List<DnsRecord>> records = [];
    private readonly HashSet<(string, DnsType)> silent = [];

    public FakeDns(params string[] zone)
    {
        foreach (string line in zone)
        {
            string[] w = line.Split(' ');
            DnsType type = Enum.Parse<DnsType>(w[0], ignoreCase: true);
            if (w[2] == "timeout")
            {
                silent.Add((w[1], type));
                continue;
            }

            DnsRecord record = type switch
            {
                DnsType.Srv => new() { Name = w[1], Type = type, Priority = int.Parse(w[2]), Weight = int.Parse(w[3]), Port = int.Parse(w[4]), Target = w[5].TrimEnd('.') },
                DnsType.Naptr => new() { Name = w[1], Type = type, Priority = int.Parse(w[2]), Weight = int.Parse(w[3]), Flags = w[4], Service = w[5], Target = w[6] },
                _ => new() { Name = w[1], Type = type, Address = SipAddress.From(System.Net.IPAddress.Parse(w[2]), 0) },
            };
            if (!records.TryGetValue((w[1], type), out List<DnsRecord>? list))
            {
                records[(w[1], type)] = list = [];
            }

            list.Add(record);
        }
    }

    public List<string> Asked { get; } = [];

    public HashSet<string> LocalHosts { get; } = [];

    public bool IsLocalHost(string name) => LocalHosts.Contains(name);

    public ValueTask<DnsAnswer> LookUpAsync(string name, DnsType type)
    {
        Asked.Add($"{type} {name}");
        return new(silent.Contains((name, type)) ? DnsAnswer.Failed
            : records.TryGetValue((name, type), out List<DnsRecord>? found) ? new DnsAnswer(DnsStatus.Found, found)
            : DnsAnswer.Nothing);
    }
}
