namespace Sip.Sdp;

/// <summary>Whose turn it is between offer and answer.</summary>
public enum OfferAnswerState : byte
{
    /// <summary>No session description was exchanged yet.</summary>
    None,

    /// <summary>We offered and wait for their answer.</summary>
    LocalOffer,

    /// <summary>They offered and wait for our answer.</summary>
    RemoteOffer,

    /// <summary>The last offer was answered.</summary>
    Stable,
}
