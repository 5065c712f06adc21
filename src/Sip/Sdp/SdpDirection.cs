namespace Sip.Sdp;

/// <summary>Which way media flows, as the party that wrote the description sees it (RFC 8866 section 6.7).</summary>
public enum SdpDirection : byte
{
    /// <summary>Sends and receives; what holds where nothing is written.</summary>
    SendRecv,

    /// <summary>Sends only.</summary>
    SendOnly,

    /// <summary>Receives only.</summary>
    RecvOnly,

    /// <summary>Neither sends nor receives; RTCP still flows.</summary>
    Inactive,
}
