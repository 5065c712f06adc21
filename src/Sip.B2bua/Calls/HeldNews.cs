using Sip.Dialogs;

namespace Sip.B2bua.Calls;

/// <summary>
/// News of a target, with a session, whose PRACK waits for the caller's, because that may carry the answer or another offer
/// (RFC 3262 §5).
/// </summary>
/// <param name="leg">The target's leg.</param>
/// <param name="dialog">The early dialog that they came in.</param>
/// <param name="number">Their RSeq.</param>
/// <param name="cseq">The CSeq of the INVITE that they answer.</param>
internal sealed class HeldNews(Leg leg, Dialog dialog, uint number, uint cseq)
{
    /// <summary>The target's leg.</summary>
    public Leg Leg { get; } = leg;

    /// <summary>The early dialog that they came in.</summary>
    public Dialog Dialog { get; } = dialog;

    /// <summary>Their RSeq.</summary>
    public uint Number { get; } = number;

    /// <summary>The CSeq of the INVITE that they answer.</summary>
    public uint CSeq { get; } = cseq;

    /// <summary>Whether they go to the caller in a response that it acknowledges.</summary>
    public bool IsTaken { get; set; }

    /// <summary>Whether their PRACK was sent.</summary>
    public bool IsAcknowledged { get; set; }
}
