using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Sip.Transports;

namespace Sip.B2bua;

/// <summary>
/// A list of addresses, networks (<c>192.0.2.0/24</c>) and host names as an administrator writes it, names resolved once.
/// Immutable; asking allocates nothing.
/// </summary>
public sealed class AddressList
{
    private readonly Network[] networks;

    private AddressList(Network[] networks, IReadOnlyList<string> unresolved)
    {
        this.networks = networks;
        Unresolved = unresolved;
    }

    /// <summary>The list that has no address.</summary>
    public static AddressList Empty { get; } = new([], []);

    /// <summary>The names for which no address was found; they match nothing.</summary>
    public IReadOnlyList<string> Unresolved { get; }

    /// <summary>Whether no address at all is in the list.</summary>
    public bool IsEmpty => networks.Length == 0;

    /// <summary>What is wrong with a word of such a list, or null when nothing is. Names are not looked up.</summary>
    /// <param name="word">An address, a network or a name.</param>
    public static string? Fault(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        if (word.Contains('/', StringComparison.Ordinal))
        {
            return TryReadNetwork(word, out _) ? null : $"\"{word}\" is not a network such as 192.0.2.0/24 or 2001:db8::/32";
        }

        return TryReadNetwork(word, out _) || Uri.CheckHostName(word) != UriHostNameType.Unknown
            ? null
            : $"\"{word}\" is neither an address nor a host name";
    }

    /// <summary>Makes the list; each name stands for all addresses that it resolves to now.</summary>
    /// <param name="words">Addresses, networks and names.</param>
    /// <param name="cancellation">Ends the look-ups.</param>
    public static async ValueTask<AddressList> ResolveAsync(IReadOnlyList<string> words, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(words);
        List<Network> networks = new(words.Count);
        List<string> unresolved = [];
        foreach (string word in words)
        {
            if (TryReadNetwork(word, out Network network))
            {
                networks.Add(network);
                continue;
            }

            try
            {
                foreach (IPAddress address in await Dns.GetHostAddressesAsync(word, cancellation))
                {
                    networks.Add(Network.Single(address));
                }
            }
            catch (Exception e) when (e is SocketException or ArgumentException)
            {
                unresolved.Add(word);
            }
        }

        return new AddressList([.. networks], unresolved);
    }

    /// <summary>Whether the address, its port aside, is in the list.</summary>
    /// <param name="address">The address.</param>
    public bool Contains(in SipAddress address)
    {
        if (networks.Length == 0)
        {
            return false;
        }

        UInt128 value = Network.ToNumber(address);
        foreach (Network network in networks)
        {
            if (network.Contains(value))
            {
                return true;
            }
        }

        return false;
    }

    private static bool TryReadNetwork(string word, out Network network)
    {
        network = default;
        int slash = word.IndexOf('/', StringComparison.Ordinal);
        string host = slash < 0 ? word : word[..slash];
        if (!IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address)
            || (address.AddressFamily == AddressFamily.InterNetwork && host.Count(c => c == '.') != 3))
        {
            return false;
        }

        int bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        int prefix = bits;
        if (slash >= 0 && (!int.TryParse(word[(slash + 1)..], out prefix) || prefix < 0 || prefix > bits))
        {
            return false;
        }

        network = new Network(address, prefix + 128 - bits);
        return true;
    }

    // Every address as 128 bits, IPv4 mapped into IPv6, so that one comparison serves both.
    private readonly struct Network
    {
        private readonly UInt128 address;
        private readonly UInt128 mask;

        public Network(IPAddress address, int prefix)
        {
            mask = prefix == 0 ? 0 : UInt128.MaxValue << (128 - prefix);
            this.address = ToNumber(SipAddress.From(address, 0)) & mask;
        }

        public static Network Single(IPAddress address) => new(address, 128);

        public static UInt128 ToNumber(in SipAddress address)
        {
            Span<byte> octets = stackalloc byte[16];
            if (address.WriteAddress(octets) == 4)
            {
                return ((UInt128)0xFFFF << 32) | BinaryPrimitives.ReadUInt32BigEndian(octets);
            }

            return BinaryPrimitives.ReadUInt128BigEndian(octets);
        }

        public bool Contains(UInt128 value) => (value & mask) == address;
    }
}
