using System.Net;
using System.Net.Sockets;

namespace Sip.B2bua.Configuration;

/// <summary>The section <c>[global]</c>: where the server listens, what it writes down, and its limits.</summary>
internal sealed class ServerOptions : ICheckedOptions
{
    /// <summary>The name of the section.</summary>
    public const string Section = "global";

    /// <summary>The help of the section.</summary>
    public const string SectionHelp = "Where the server listens, what it writes to the log, and how much it takes on before it refuses.";

    [Setting("Where to listen: SIP URIs, split by blanks. sip: means UDP and TCP unless ;transport=udp, tcp or ws says which; sips: means TLS. "
        + "* stands for every address of the machine. A name before ;maddr=address is announced while the address is bound. "
        + "Example: sip:192.0.2.1:5060;transport=tcp sips:sip.example.org:5061;maddr=192.0.2.1")]
    public IReadOnlyList<string> Transports { get; set; } = ["sip:*"];

    [Setting("The addresses by which the Internet reaches this machine, where a NAT gives it others (cloud machines, 1:1 NAT): one for IPv4, "
        + "one for IPv6. They are announced to whoever is outside; who is in a private network is told the machine's own address.")]
    public IReadOnlyList<string> AdvertisedAddress { get; set; } = [];

    [Setting("Further host names and addresses that mean this server.")]
    public IReadOnlyList<string> Aliases { get; set; } = [];

    [Setting("How much is written to the log: trace, debug, message (or info), warning, error.",
        Words = ["trace", "debug", "message", "info", "warning", "error"])]
    public string LogLevel { get; set; } = "message";

    [Setting("The folder of the log file.")]
    public string LogDirectory { get; set; } = "/var/log/sip-b2bua";

    [Setting("The folder in which the server keeps what it must remember: the user file it makes at its first start, secrets, records.")]
    public string StateDirectory { get; set; } = "/var/lib/sip-b2bua";

    [Setting("The folder of further plug-ins, a folder in it for each; all of them are loaded. Those that belong to the server are found without it.")]
    public string PluginsDir { get; set; } = "/opt/sip-b2bua/plugins.d";

    [Setting("How many event loops share the work, each a thread with its own sockets. 0: one for each core.", Min = 0, Max = 255)]
    public int EventLoops { get; set; }

    [Setting("Most transactions at once; a new request beyond is answered with 503.", Min = 10)]
    public int MaxTransactions { get; set; } = 300_000;

    [Setting("Most calls at once; a new one beyond is answered with 503.", Min = 1)]
    public int MaxCalls { get; set; } = 20_000;

    [Setting("Most TCP, TLS and WebSocket connections at once.", Min = 1)]
    public int MaxConnections { get; set; } = 10_000;

    [Setting("Most connections from one address: a whole office may stand behind it.", Min = 1)]
    public int MaxConnectionsPerAddress { get; set; } = 500;

    [Setting("Most header lines in one message.", Min = 16, Max = 1024)]
    public int MaxHeaderCount { get; set; } = 128;

    [Setting("Largest block of headers in one message, in bytes.", Min = 1024, Max = 65_535)]
    public int MaxHeaderSize { get; set; } = 32_768;

    [Setting("Largest message taken from a connection, in bytes; a longer one is answered with 400 and the connection closed.",
        Min = 4096, Max = 4_194_304, Fallback = "tcp-max-read-size")]
    public int MaxMessageSize { get; set; } = 131_072;

    [Setting("A request larger than this, in bytes, goes by TCP instead of UDP where the other side can (RFC 3261 18.1.1).", Min = 576, Max = 65_535)]
    public int UdpMtu { get; set; } = 1460;

    [Setting("The name servers that hosts and domains are looked up with: addresses, each with :port where it is not 53. "
        + "Empty: those of /etc/resolv.conf.")]
    public IReadOnlyList<string> DnsServers { get; set; } = [];

    [Setting("How long one name server has for its answer before the next is asked; each is asked twice.", Unit = "ms", Min = "100ms", Max = "30s")]
    public TimeSpan DnsTimeout { get; set; } = TimeSpan.FromSeconds(2);

    [Setting("How many answers of name servers each event loop keeps. 0: none.", Min = 0, Max = 100_000)]
    public int DnsCacheSize { get; set; } = 1000;

    [Setting("How long a request waits for its final answer before it has failed: 64 times T1 of RFC 3261.", Unit = "ms", Min = "640ms", Max = "10min")]
    public TimeSpan TransactionTimeout { get; set; } = TimeSpan.FromSeconds(32);

    [Setting("A connection unused for this long is closed.", Min = "1s")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromHours(1);

    [Setting("How long a connection that we open may take. 0: as long as the system lets it.", Unit = "ms")]
    public TimeSpan ConnectionEstablishmentTimeout { get; set; } = TimeSpan.FromSeconds(60);

    [Setting("How often an empty line is sent over an idle connection to keep it open in the routers on its way. 0: never.")]
    public TimeSpan KeepaliveInterval { get; set; } = TimeSpan.FromMinutes(30);

    [Setting("The addresses that relayed media is received on: one for IPv4, one for IPv6.")]
    public IReadOnlyList<string> RtpBindAddress { get; set; } = ["0.0.0.0", "::0"];

    [Setting("The certificate chain of every TLS transport, PEM. A URI of transports may name its own. Several files, split by commas: "
        + "the one that bears the name that a phone asks for is shown to it, else the first.")]
    public string TlsCertificatesFile { get; set; } = "";

    [Setting("The private key that belongs to tls-certificates-file, PEM, without a password; it may be the same file.")]
    public string TlsCertificatesPrivateKey { get; set; } = "";

    [Setting("The authorities that other servers' certificates are checked against, PEM. Empty: those of the system.")]
    public string TlsCertificatesCaFile { get; set; } = "";

    [Setting("How often the certificate files are looked at; changed ones are taken over without a restart.", Unit = "min", Min = "1min")]
    public TimeSpan TlsCertificatesCheckInterval { get; set; } = TimeSpan.FromMinutes(1);

    [Setting("The lowest version of TLS that is spoken.", Words = ["1.2", "1.3"])]
    public string TlsMinVersion { get; set; } = "1.2";

    [Setting("The ciphers for TLS 1.2, in OpenSSL's words. Empty: OpenSSL's choice, which is a good one.")]
    public string TlsCiphers { get; set; } = "";

    [Setting("How long the handshake of TLS may take.", Min = "1s", Max = "1min")]
    public TimeSpan TlsHandshakeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    [Setting("Most handshakes of TLS at once on one loop and transport; whoever comes then is refused.", Min = 1)]
    public int TlsMaxHandshakes { get; set; } = 1000;

    [Setting("Whether a TLS client must show a certificate.")]
    public bool RequirePeerCertificate { get; set; }

    [Setting("The path at which WebSockets are accepted, such as /sip. Empty: every path.")]
    public string WebsocketPath { get; set; } = "";

    [Setting("The web pages whose scripts may open a WebSocket here, as browsers name them: https://phone.example.org. Empty: every page.")]
    public IReadOnlyList<string> WebsocketOrigins { get; set; } = [];

    [Setting("How often a WebSocket is pinged. A peer that does not answer for as long again is closed. 0: never.")]
    public TimeSpan WebsocketPingInterval { get; set; } = TimeSpan.FromSeconds(30);

    [Setting("The id of this server among others, 16 hexadecimal digits. Empty: another one at each start.")]
    public string UniqueId { get; set; } = "";

    [Setting("How often systemd is told that the server is alive.", Unit = "ms", Min = "10ms")]
    public TimeSpan WatchdogNotifyInterval { get; set; } = TimeSpan.FromSeconds(1);

    [Setting("Whether what users do wrong (passwords, unknown numbers) is written to the log, in lines that fail2ban can read.")]
    public bool UserErrorsLogs { get; set; } = true;

    [Setting("A condition; what concerns a message that meets it is written to the log at contextual-log-level. Empty: off.")]
    public BooleanExpression ContextualLogFilter { get; set; } = BooleanExpression.Default("");

    [Setting("The level for messages that meet contextual-log-filter.",
        Words = ["trace", "debug", "message", "info", "warning", "error"])]
    public string ContextualLogLevel { get; set; } = "debug";

    [Setting("A condition that says which bodies may appear in the log.")]
    public BooleanExpression ShowBodyFor { get; set; } = BooleanExpression.Default("content-type == 'application/sdp'");

    /// <summary>The URIs of <c>transports</c>, read. Faults were found by <see cref="Check"/>.</summary>
    public IReadOnlyList<TransportUri> TransportUris() => TransportsGrammar.Parse(Transports, out _);

    /// <summary>The name servers of <c>dns-servers</c>, read. Faults were found by <see cref="Check"/>.</summary>
    public IReadOnlyList<IPEndPoint> NameServers() => [.. DnsServers.Select(NameServer).OfType<IPEndPoint>()];

    /// <summary>The address of <c>advertised-address</c> of that family, or null.</summary>
    public IPAddress? AdvertisedAddressFor(AddressFamily family) =>
        AdvertisedAddress.Select(IPAddress.Parse).FirstOrDefault(address => address.AddressFamily == family);

    /// <inheritdoc/>
    public IEnumerable<SettingFault> Check()
    {
        var uris = TransportsGrammar.Parse(Transports, out var faults);
        foreach (var fault in faults)
        {
            yield return new SettingFault("transports", fault);
        }

        if (Transports.Count == 0)
        {
            yield return new SettingFault("transports", "there is nothing to listen on: sip:* means every address");
        }

        foreach (var address in AdvertisedAddress.Where(a => !IPAddress.TryParse(a, out _)))
        {
            yield return new SettingFault("advertised-address", $"{address} is no IP address");
        }

        foreach (var address in RtpBindAddress.Where(a => !IPAddress.TryParse(a, out _)))
        {
            yield return new SettingFault("rtp-bind-address", $"{address} is no IP address");
        }

        foreach (var server in DnsServers.Where(s => NameServer(s) is null))
        {
            yield return new SettingFault("dns-servers", $"{server} is no IP address");
        }

        foreach (var fault in TransportTls.FaultsOf(uris, this))
        {
            yield return fault;
        }

        if (WebsocketPath.Length > 0 && WebsocketPath[0] != '/')
        {
            yield return new SettingFault("websocket-path", "begins with a slash");
        }

        if (RtpBindAddress.Count is 0 or > 2)
        {
            yield return new SettingFault("rtp-bind-address", "holds one IPv4 address, one IPv6 address, or both");
        }

        if (UniqueId.Length > 0 && (UniqueId.Length != 16 || !UniqueId.All(char.IsAsciiHexDigit)))
        {
            yield return new SettingFault("unique-id", "must be 16 hexadecimal digits");
        }

        if (TlsCertificatesFile.Length > 0 && TlsCertificatesPrivateKey.Length == 0)
        {
            yield return new SettingFault("tls-certificates-private-key", "is missing beside tls-certificates-file; both may name the same file");
        }
    }

    private static IPEndPoint? NameServer(string text) =>
        IPEndPoint.TryParse(text, out IPEndPoint? server) ? new IPEndPoint(server.Address, server.Port == 0 ? 53 : server.Port) : null;
}
