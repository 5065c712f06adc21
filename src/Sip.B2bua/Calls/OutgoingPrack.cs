using Sip.Dialogs;
using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>A PRACK that a leg sent to its party. It knows what it acknowledges: where it is challenged, it is sent again.</summary>
/// <param name="leg">The leg.</param>
/// <param name="within">The early dialog.</param>
/// <param name="number">The RSeq of the news.</param>
/// <param name="cseq">The CSeq of the INVITE that they answer.</param>
/// <param name="asker">The caller's PRACK, where its offer goes along.</param>
internal sealed class OutgoingPrack(Leg leg, Dialog within, uint number, uint cseq, Asker? asker) : OutgoingRequest(leg, SipMethod.Prack, asker)
{
    /// <summary>The early dialog.</summary>
    public Dialog Within { get; } = within;

    /// <summary>The RSeq of the news.</summary>
    public uint Number { get; } = number;

    /// <summary>The CSeq of the INVITE that they answer.</summary>
    public uint CSeq { get; } = cseq;

    /// <summary>Whether an offer or answer goes along.</summary>
    public bool HasSession { get; init; }
}
