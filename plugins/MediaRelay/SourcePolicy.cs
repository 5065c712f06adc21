namespace Sip.B2bua.Plugins.MediaRelay;

/// <summary>
/// What signalling says of one party's RTP or RTCP: from where it may come and where it goes until it has come. Never changed:
/// the signalling side puts a new one in a socket's place by one reference write, the relay thread takes it up at the next packet.
/// </summary>
internal sealed class SourcePolicy
{
    /// <summary>Nothing may come in and nothing goes out.</summary>
    public static readonly SourcePolicy Closed = new();

    /// <summary>The address of the c=, m= and a=rtcp lines; none before the party's description is known.</summary>
    public NativeAddress Described { get; init; }

    /// <summary>The host that the party's signalling comes from; its port means nothing here.</summary>
    public NativeAddress Signalling { get; init; }

    /// <summary>Where packets go before one has come: the described address, or the best guess at a NAT's outside, or none.</summary>
    public NativeAddress FirstTarget { get; init; }

    /// <summary>c=0.0.0.0: neither RTP nor RTCP is sent to the party (RFC 3264 section 8.4).</summary>
    public bool OnHold { get; init; }

    /// <summary>Whether the party wants RTP: it is <c>sendrecv</c> or <c>recvonly</c>. RTCP flows anyway (RFC 3264 section 5.1).</summary>
    public bool Receives { get; init; } = true;

    /// <summary>Whether signalling allows packets of this host.</summary>
    public bool Allows(in NativeAddress source) => source.IsSameHost(Signalling) || source.IsSameHost(Described);

    /// <summary>The same party, on hold: what was learned of it stays true.</summary>
    public SourcePolicy WithHold() => new()
    {
        Described = Described,
        Signalling = Signalling,
        FirstTarget = FirstTarget,
        OnHold = true,
        Receives = false,
    };
}
