namespace Sip.B2bua.Plugins.Trunks;

/// <summary>The settings of section <c>[module::Forward]</c>.</summary>
internal sealed class ForwardOptions
{
    [Setting("The file of routes for calls and messages that are for no user of this server. Each line is <where> condition: where is a SIP "
        + "URI or trunk:name, several of them in order of preference; the condition is in the filter language, * means always, and a line "
        + "that begins with a blank goes on with the condition before it. The first line whose condition is met counts. Only senders that "
        + "are known get there. Read again when it changes. Empty: no routes.")]
    public string RoutesConfigPath { get; init; } = "";

    [Setting("Transport for a sip: URI with a name, but neither a port nor a transport: tcp or tls as if the URI asked for it; udp: what the DNS says "
        + "(RFC 3263). A URI with an address or a port goes by UDP. Read at the start.",
        Words = ["udp", "tcp", "tls"])]
    [Decides(ServerRule.DefaultTransport)]
    public string DefaultTransport { get; init; } = "udp";
}
