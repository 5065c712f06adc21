namespace Sip.B2bua.Plugins.MediaRelay;

/// <summary>Whether keys that one phone sends in INFO reach the other in RTP, and the reverse.</summary>
public enum DtmfMode
{
    /// <summary>Both cross as they are.</summary>
    Pass,

    /// <summary>INFO becomes telephone events in the RTP.</summary>
    InfoToRtp,

    /// <summary>Telephone events in the RTP become INFO.</summary>
    RtpToInfo,

    /// <summary>Each becomes the other.</summary>
    Both,
}
