namespace Sip.B2bua;

/// <summary>How a party wants to be told of keys that the other party presses.</summary>
public enum DtmfForm
{
    /// <summary>As the settings of the relay say.</summary>
    AsSet,

    /// <summary>As the other phone sends them.</summary>
    Pass,

    /// <summary>As telephone events in the RTP (RFC 4733).</summary>
    Rtp,

    /// <summary>In INFO (<c>application/dtmf-relay</c>).</summary>
    Info,
}
