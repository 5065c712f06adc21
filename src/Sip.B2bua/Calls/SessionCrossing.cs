using System.Net;
using Sip.Messages;
using Sip.Transports;

namespace Sip.B2bua.Calls;

/// <summary>One offer or answer on its way between two legs, as the modules see it. One for each loop, used again and again.</summary>
internal sealed class SessionCrossing(CallCore core) : SessionContext
{
    private const int UsualHeaders = 1000;
    private const int UsualGrowth = 300;

    private Call? call;
    private Leg? from;
    private Leg? to;
    private SipMessage? message;
    private SipBuffer? replaced;
    private SipBuffer? composed;
    private SessionShortener? shortener;
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
        if (RefusedCode == 0 && receiver.Profile.MaxSize > 0)
        {
            Shorten(receiver, e);
        }

        return RefusedCode == 0;
    }

    /// <summary>
    /// The body as it goes on: the session as the modules have left it and its receiver is to see it, in its place among the other parts
    /// of a multipart body (RFC 5621). Valid until <see cref="Clear"/>.
    /// </summary>
    public ReadOnlySpan<byte> BodyOf(in CallEvent e)
    {
        ReadOnlySpan<byte> session = e.Session;
        ReadOnlySpan<byte> sdp = to!.Continue(Sdp, offer);
        if (session.Length == e.Body.Length)
        {
            return sdp;
        }

        e.Body.Overlaps(session, out int start);
        ReadOnlySpan<byte> after = e.Body[(start + session.Length)..];
        composed = Rent(start + sdp.Length + after.Length);
        composed.Length = start + sdp.Length + after.Length;
        e.Body[..start].CopyTo(composed.Array);
        sdp.CopyTo(composed.Array.AsSpan(start));
        after.CopyTo(composed.Array.AsSpan(start + sdp.Length));
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

    // The headers of what came are about as long as those that will be sent.
    private void Shorten(Leg receiver, in CallEvent e)
    {
        int headers = e.Message is { } came ? came.Bytes.Length - came.Body.Length : UsualHeaders;
        int most = int.Max(0, receiver.Profile.MaxSize - headers - UsualGrowth - (e.Body.Length - e.Session.Length));
        shortener ??= new SessionShortener();
        if (shortener.Shorten(Sdp, most, offer, Rent) is { } shorter)
        {
            Replace(shorter);
            call!.Trail.Add("Session", "made shorter for {0}: {1} octets", receiver.Party, Sdp.Length);
        }
    }

    // RFC 3264, RFC 3261 §13.2.1: the request offers unless it had no session; then the response offers and the ACK answers.
    private static bool IsOfferOf(in CallEvent e) => e.Kind switch
    {
        CallEventKind.Try or CallEventKind.Offer => true,
        CallEventKind.Acknowledge => false,
        CallEventKind.Progress or CallEventKind.Answer => e.Asker is IncomingInvite { HasOffer: false, Made: null },
        _ => false,
    };
}
