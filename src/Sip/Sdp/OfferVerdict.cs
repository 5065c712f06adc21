namespace Sip.Sdp;

/// <summary>What to do with an offer that arrived.</summary>
public enum OfferVerdict : byte
{
    /// <summary>It is in turn: answer it.</summary>
    Accepted,

    /// <summary>Our own offer is under way: 491 (RFC 3261 section 14.2, RFC 3311 section 5.2).</summary>
    Glare,

    /// <summary>An earlier offer of theirs waits for our answer: 500 with Retry-After (RFC 3261 section 14.2, RFC 3311 section 5.2).</summary>
    AnswerPending,
}
