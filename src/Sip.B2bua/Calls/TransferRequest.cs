using Sip.Messages;
using Sip.Transports;

namespace Sip.B2bua.Calls;

/// <summary>
/// The call that a transfer makes, as the modules see it: an INVITE of the party that stays, which nobody has sent, from a sender who
/// is known as the transferor is known. What they answer it the transferor is told.
/// </summary>
internal sealed class TransferRequest : RequestContext
{
    private readonly CallCore core;
    private readonly Leg transferor;
    private bool isOver;

    public TransferRequest(CallCore core, Leg transferor, SipMessage invite)
    {
        this.core = core;
        this.transferor = transferor;
        Request = invite;
        (Identity, IsTrusted, _) = transferor.Call.Known(transferor);
    }

    /// <inheritdoc/>
    public override SipMessage Request { get; }

    /// <inheritdoc/>
    public override ref readonly Flow Flow => ref transferor.Flow;

    /// <inheritdoc/>
    public override EventLoop Loop => core.Loop.EventLoop;

    /// <inheritdoc/>
    public override bool IsOver => isOver;

    /// <summary>What a module has answered; 0 while none has.</summary>
    public int Code { get; private set; }

    /// <summary>The reason phrase, or empty.</summary>
    public string Reason { get; private set; } = "";

    /// <inheritdoc/>
    public override bool Meets(BooleanExpression condition) => condition.Evaluate(core.Variables.Of(Request));

    /// <inheritdoc/>
    public override void Respond(int code, string? reason = null, HeaderWriter? headers = null, object? state = null)
    {
        if (!isOver)
        {
            isOver = true;
            Code = code < 300 ? 603 : CallCore.CodeForCaller(code);
            Reason = reason ?? "";
        }
    }

    /// <inheritdoc/>
    public override void Drop() => Respond(603);

    /// <summary>Nobody waits for the modules any more.</summary>
    public void GiveUp() => isOver = true;

    /// <summary>Writes and reads the INVITE.</summary>
    /// <param name="core">The calls of the loop.</param>
    /// <param name="uri">Whom to call.</param>
    /// <param name="headers">What the one who wants it has to say to whom is called.</param>
    /// <param name="caller">The leg of the party that calls.</param>
    /// <param name="referrer">The leg of the party that wants it.</param>
    /// <param name="offer">The session description of the party that calls.</param>
    /// <returns>The INVITE, counted once; null when the URI makes no message.</returns>
    public static SipMessage? MakeInvite(
        CallCore core, ReadOnlySpan<byte> uri, IReadOnlyList<(byte[] Name, byte[] Value)> headers, Leg caller, Leg referrer, ReadOnlySpan<byte> offer)
    {
        SipWriter writer = new(core.Buffers, 1024 + offer.Length);
        Span<byte> id = stackalloc byte[LoopIds.CallIdLength];
        Span<byte> sentBy = stackalloc byte[CallCore.LongestSentBy];
        writer.RequestLine("INVITE"u8, uri);
        core.Ids.NewTag(id);
        writer.BeginHeader(HeaderId.Via);
        writer.Append("SIP/2.0/"u8);
        writer.Append(referrer.Flow.Transport.ViaToken);
        writer.Append(" "u8);
        writer.Append(sentBy[..core.Loop.Transports.WriteSentBy(referrer.Flow, sentBy)]);
        writer.Append(";branch=z9hG4bK"u8);
        writer.Append(id[..LoopIds.TagLength]);
        writer.EndHeader();
        writer.Header(HeaderId.MaxForwards, 70);
        core.WriteParty(ref writer, HeaderId.From, caller.Dialog!.RemoteAddress, id[..LoopIds.TagLength]);
        writer.BeginHeader(HeaderId.To);
        writer.Append("<"u8);
        writer.Append(uri);
        writer.Append(">"u8);
        writer.EndHeader();
        core.Ids.NewCallId(id);
        writer.Header(HeaderId.CallId, id);
        writer.Header(HeaderId.CSeq, "1 INVITE"u8);
        writer.Header(HeaderId.Contact, core.ContactFor(caller.Flow, sips: SipChars.StartsWithIgnoreCase(uri, "sips:"u8)));

        // RFC 3892 2.2: the new party learns who sent the caller. Whatever the REFER says of it, it is the party that we know; unless that
        // wants to be known to nobody, or has hung up already.
        if (referrer.Dialog is { } known && (referrer.Number != 0 || (referrer.Call.Privacy & (PrivacyAsked.Id | PrivacyAsked.User)) == 0))
        {
            core.WriteParty(ref writer, HeaderId.ReferredBy, known.RemoteAddress, default);
        }

        foreach ((byte[] name, byte[] value) in headers)
        {
            writer.Header(name, value);
        }

        writer.Body("application/sdp"u8, offer);
        SipBuffer buffer = writer.Finish();
        SipMessage invite = core.Messages.Rent();
        if (SipParser.Parse(buffer, stream: false, invite, SipLimits.Default) == SipParseError.None)
        {
            return invite;
        }

        buffer.Release();
        invite.Release();
        return null;
    }
}
