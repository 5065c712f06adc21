using System.Net;
using System.Net.Sockets;
using System.Text;
using Sip.Transports;

namespace Sip.B2bua;

/// <summary>
/// Which names and addresses mean this server. A name or address of a listening point is ours with that point's port only,
/// because another server may share the host; an alias that is nothing else is ours with any port. Where no port is written
/// the port is not compared: SRV records may lead to any.
/// </summary>
internal sealed class LocalDomains : ILocalDomains
{
    // RFC 1035 2.3.4: no name is longer.
    private const int LongestName = 255;

    private Table table;

    public LocalDomains(LocalNames names) => table = new Table(names);

    /// <summary>Takes over other names, after the configuration or the machine's addresses have changed.</summary>
    public void Replace(LocalNames names) => Volatile.Write(ref table, new Table(names));

    /// <inheritdoc/>
    public bool IsUs(ReadOnlySpan<byte> host, int port) => Volatile.Read(ref table).Find(host, out int[] ports) && Admits(ports, port);

    /// <inheritdoc/>
    public bool IsUs(in SipAddress address) => Volatile.Read(ref table).Find(address, out int[] ports) && Admits(ports, address.Port);

    /// <inheritdoc/>
    public bool IsServedDomain(ReadOnlySpan<byte> host) => Volatile.Read(ref table).Serves(host);

    /// <inheritdoc/>
    public string RecordKey(string addressOfRecord)
    {
        if (!Volatile.Read(ref table).IsOneDomain)
        {
            return addressOfRecord;
        }

        // Flexisip's word, so that nodes of both kinds find the same records. Without a user it is a domain, and stays one.
        AddressOfRecord.Split(addressOfRecord, out string user, out _);
        return user.Length > 0 ? user + "@merged" : addressOfRecord;
    }

    // No ports: any.
    private static bool Admits(int[] ports, int port) => port < 0 || ports.Length == 0 || Array.IndexOf(ports, port) >= 0;

    private sealed class Table
    {
        private readonly Dictionary<string, int[]> names = new(StringComparer.OrdinalIgnoreCase);
        private readonly Dictionary<SipAddress, int[]> addresses = [];
        private readonly HashSet<string> served = new(StringComparer.OrdinalIgnoreCase);
        private readonly bool servesAll;
        private readonly bool servesMachine;

        public Table(LocalNames local)
        {
            foreach (ListeningPoint point in local.Points)
            {
                AddPoint(point, local.Addresses);
            }

            foreach (string alias in local.Aliases)
            {
                string name = Bare(alias);
                served.Add(name);
                if (TryAddress(name, out SipAddress address))
                {
                    addresses.TryAdd(address, []);
                }
                else
                {
                    names.TryAdd(name, []);
                }
            }

            served.UnionWith(local.ServedDomains.Select(Bare));
            servesAll = served.Remove("*");
            servesMachine = served.Contains(MachineUsers.Domain);
            IsOneDomain = local.AreOneDomain;
        }

        public bool IsOneDomain { get; }

        public bool Find(ReadOnlySpan<byte> host, out int[] ports)
        {
            host = WithoutDot(host);
            ports = [];
            if (SipAddress.TryParse(host, 0, out SipAddress address))
            {
                return Find(address, out ports);
            }

            if (host.Length > LongestName)
            {
                return false;
            }

            Span<char> name = stackalloc char[LongestName];
            int length = Encoding.Latin1.GetChars(host, name);
            return names.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name[..length], out ports!);
        }

        public bool Find(in SipAddress address, out int[] ports) => addresses.TryGetValue(address.WithPort(0), out ports!);

        public bool Serves(ReadOnlySpan<byte> host)
        {
            host = WithoutDot(host);
            if (host.IsEmpty || host.Length > LongestName)
            {
                return false;
            }

            Span<char> name = stackalloc char[LongestName];
            ReadOnlySpan<char> text = name[..Encoding.Latin1.GetChars(WithoutBrackets(host), name)];
            if (served.GetAlternateLookup<ReadOnlySpan<char>>().Contains(text))
            {
                return true;
            }

            // Every name may be served by this server, but an address is one machine: its own users are those that call it by ours.
            bool isAddress = SipAddress.TryParse(host, 0, out _);
            return (servesAll && !isAddress) || ((servesAll || servesMachine) && Find(host, out _));
        }

        private static string Bare(string name)
        {
            name = name.Trim().TrimEnd('.');
            return name.StartsWith('[') && name.EndsWith(']') ? name[1..^1] : name;
        }

        private static ReadOnlySpan<byte> WithoutDot(ReadOnlySpan<byte> host) => host is [.. var rest, (byte)'.'] ? rest : host;

        private static ReadOnlySpan<byte> WithoutBrackets(ReadOnlySpan<byte> host) =>
            host is [(byte)'[', .. var inner, (byte)']'] ? inner : host;

        private static bool TryAddress(string text, out SipAddress address) =>
            SipAddress.TryParse(Encoding.ASCII.GetBytes(text), 0, out address);

        // Without its zone: nobody can write that into a URI.
        private static SipAddress AddressOf(IPAddress address) =>
            SipAddress.From(new IPEndPoint(new IPAddress(address.GetAddressBytes()), 0));

        private void AddPoint(ListeningPoint point, IReadOnlyList<IPAddress> machine)
        {
            IPAddress bound = point.Bind.Address;
            bool any = bound.Equals(IPAddress.Any) || bound.Equals(IPAddress.IPv6Any);
            foreach (IPAddress address in any ? machine.Where(one => one.AddressFamily == bound.AddressFamily) : [bound])
            {
                Add(addresses, AddressOf(address), point.Port);
            }

            if (any)
            {
                Add(addresses, AddressOf(bound.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback), point.Port);
            }

            int port = point.AdvertisedPort ?? point.Port;
            if (!point.AdvertisedAddress.IsNone)
            {
                Add(addresses, point.AdvertisedAddress.WithPort(0), port);
            }

            if (point.AdvertisedHost is not string host)
            {
                return;
            }

            if (TryAddress(Bare(host), out SipAddress advertised))
            {
                Add(addresses, advertised, port);
            }
            else
            {
                Add(names, Bare(host), port);
            }
        }

        private static void Add<TKey>(Dictionary<TKey, int[]> to, TKey key, int port)
            where TKey : notnull => to[key] = to.TryGetValue(key, out int[]? ports) ? [.. ports.Union([port])] : [port];
    }
}
