using System.Net;
using Sip.Messages;
using Sip.Transports;

namespace Sip.B2bua.Calls;

/// <summary>One offer or answer on its way between two legs, as the modules see it. One for each loop, used again and again.</summary>
internal sealed class SessionCrossing(CallCore core) : SessionContext
{
    private Call? call;
    private Leg? from;
    private Leg? to;
    private SipMessage? message;
    private SipBuffer? replaced;
    private SipBuffer? composed;
    private byte[] original = [];
    private int originalLength;
    private bool offer;
    private bool early;

    /// <inheritdoc/>
    public override ICall Call => call!;

    /// <inheritdoc/>
    public override ILeg From => from!;

    /// <inheritdoc/>
    public override ILeg To => to!;

    /// <inheritdoc/>
    public override bool IsOffer => offer;

    /// <inheritdoc/>
    public override bool IsEarly => early;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Sdp => replaced is null ? original.AsSpan(0, originalLength) : replaced.Span;

    /// <inheritdoc/>
    public override SipAddress Source => from!.Flow.Remote;

    /// <summary>The status code that a module refused with, 0 when none did.</summary>
    public int RefusedCode { get; private set; }

    /// <summary>Why a module refused.</summary>
    public string RefusedReason { get; private set; } = "";

    /// <summary>Shows the session in <paramref name="e"/> to the modules; false when one refused it.</summary>
    public bool Pass(Call owner, Leg sender, Leg receiver, in CallEvent e, bool isEarly)
    {
        call = owner;
        from = sender;
        to = receiver;
        message = e.Message;
        early = isEarly;
        offer = IsOfferOf(e);
        RefusedCode = 0;
        ReadOnlySpan<byte> session = e.Session;
        if (original.Length < session.Length)
        {
            original = new byte[Math.Max(2048, session.Length)];
        }

        session.CopyTo(original);
        originalLength = session.Length;
        core.Modules.OnSession(this, owner.Skipped);
        return RefusedCode == 0;
    }

    /// <summary>
    /// The body as it goes on: the session as the modules have left it, in its place among the other parts of a multipart body (RFC 5621).
    /// Valid until <see cref="Clear"/>.
    /// </summary>
    public ReadOnlySpan<byte> BodyOf(in CallEvent e)
    {
        ReadOnlySpan<byte> session = e.Session;
        if (session.Length == e.Body.Length)
        {
            return Sdp;
        }

        e.Body.Overlaps(session, out int start);
        ReadOnlySpan<byte> after = e.Body[(start + session.Length)..];
        composed = Rent(start + Sdp.Length + after.Length);
        composed.Length = start + Sdp.Length + after.Length;
        e.Body[..start].CopyTo(composed.Array);
        Sdp.CopyTo(composed.Array.AsSpan(start));
        after.CopyTo(composed.Array.AsSpan(start + Sdp.Length));
        return composed.Span;
    }

    /// <summary>Lets go of everything.</summary>
    public void Clear()
    {
        composed?.Release();
        composed = null;
        replaced?.Release();
        replaced = null;
        call = null;
        from = to = null;
        message = null;
    }

    /// <inheritdoc/>
    public override IPAddress LocalAddressFor(ILeg leg)
    {
        // A target that must be looked up has no flow while the offer crosses; the address that the caller sees is the best guess.
        ref readonly Flow flow = ref leg.Flow;
        return core.LocalAddressFor(flow.IsNone ? ((Leg)leg).Call.A.Flow : flow);
    }

    /// <inheritdoc/>
    public override void Replace(SipBuffer sdp)
    {
        replaced?.Release();
        replaced = sdp;
    }

    /// <inheritdoc/>
    public override SipBuffer Rent(int size) => core.Loop.EventLoop.Buffers.Rent(size);

    /// <inheritdoc/>
    public override void Refuse(int code, string reason)
    {
        RefusedCode = code;
        RefusedReason = reason;
    }

    // RFC 3264, RFC 3261 §13.2.1: the request offers unless it had no session; then the response offers and the ACK answers.
    private static bool IsOfferOf(in CallEvent e) => e.Kind switch
    {
        CallEventKind.Try or CallEventKind.Offer => true,
        CallEventKind.Acknowledge => false,
        CallEventKind.Progress or CallEventKind.Answer => e.Asker is IncomingInvite { HasOffer: false },
        _ => false,
    };
}
