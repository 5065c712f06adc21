using System.Buffers.Text;
using System.Text;
using Sip.Dialogs;
using Sip.Messages;
using Sip.Transactions;

namespace Sip.B2bua.Calls;

/// <summary>
/// Turns call events into messages for a leg's party. Whatever makes a message ours (ids, path, Contact, capabilities) comes
/// from the leg and its dialog; of the other side only what <see cref="HeaderPolicy"/> lets across.
/// </summary>
internal sealed class LegWriter(CallCore core, Leg? party, SessionTimer timer, PeerProfile profile, HeaderRules? rules)
{
    // Room for our own headers beside what crosses.
    private const int OwnHeaders = 640;

    /// <summary>Whether the other party wants to be nobody for this one (RFC 3323 §5.3).</summary>
    public bool HidesOther { get; init; }

    /// <summary>One that keeps nothing of the call, for what is written when that is over.</summary>
    public LegWriter WithoutLeg() => new(core, null, timer, profile, rules) { HidesOther = HidesOther };

    /// <summary>A response to a request of the party.</summary>
    /// <param name="transaction">The request's transaction.</param>
    /// <param name="contact">The value of our Contact.</param>
    /// <param name="answer">What it says.</param>
    /// <param name="reliable">Numbers it, if it is a provisional response that must be acknowledged.</param>
    /// <param name="ownRealm">The realm whose challenges are ours alone.</param>
    public SipBuffer Response(ServerTransaction transaction, ReadOnlySpan<byte> contact, in CallEvent answer, ReliableProvisional? reliable, string? ownRealm)
    {
        SipMessage request = transaction.Request;
        SipWriter writer = new(core.Buffers, OwnHeaders + (request.Bytes.Length / 2) + answer.Body.Length);
        ResponseWriter.Begin(ref writer, request, transaction.Flow, answer.Code, answer.Reason, transaction.LocalTag);
        bool session = request.Method is SipMethod.Invite or SipMethod.Update or SipMethod.Prack;
        if (answer.Code < 300 && (session || request.Method == SipMethod.Refer))
        {
            // 12.1.1, 8.1.1.8: in each response that makes or refreshes a dialog; some phones drop an 18x without it.
            writer.Header(HeaderId.Contact, contact);
        }
        else if (answer.Code is >= 300 and < 400 && answer.Message is { } redirect)
        {
            writer.CopyAll(redirect, HeaderId.Contact); // 21.3: the new place is what the response is about
        }
        else if (answer.Code is 401 or 407 && answer.Message is { } challenge)
        {
            ForeignCredentials.WriteChallenges(ref writer, challenge, core.LocalDomains, ownRealm);
        }

        if (answer.Code is >= 200 and < 300 && (session || request.Method == SipMethod.Options))
        {
            writer.Header(HeaderId.Allow, ServerCapabilities.CallMethods);
            writer.Header(HeaderId.Supported, ServerCapabilities.CallOptions);
        }

        if (request.Method == SipMethod.Options && answer.Code is >= 200 and < 300)
        {
            Extensions.WriteReadableBodies(ref writer); // 11.2
        }

        if (answer.Code is >= 200 and < 300 && request.Method is (SipMethod.Invite or SipMethod.Update))
        {
            timer.WriteResponse(ref writer);
        }

        if (answer.Code == 422)
        {
            writer.Header(HeaderId.MinSE, timer.Minimum); // RFC 4028 §6
        }

        if (request.Method == SipMethod.Refer && answer is { Code: 200, Message: null })
        {
            writer.Header(HeaderId.ReferSub, "false"u8); // RFC 4488 4
        }

        reliable?.WriteHeaders(ref writer);
        core.WriteProduct(ref writer, HeaderId.Server);
        LegSessionId.Write(ref writer, party, answer, request);
        Finish(ref writer, answer);
        return writer.Finish();
    }

    /// <summary>The INVITE that calls a target.</summary>
    public SipBuffer Invite(Leg leg, ClientTransaction transaction, ReadOnlySpan<byte> contact, in CallEvent e)
    {
        SipMessage source = e.Message!;
        SipWriter writer = new(core.Buffers, OwnHeaders + source.Bytes.Length + e.Body.Length);
        PeerAuthentication? authentication = leg.Authentication;
        Span<byte> newTag = stackalloc byte[LoopIds.TagLength];
        Span<byte> newCallId = stackalloc byte[LoopIds.CallIdLength];
        ReadOnlySpan<byte> tag = newTag;
        ReadOnlySpan<byte> callId = newCallId;
        if (authentication is null)
        {
            core.Ids.NewTag(newTag);
            core.Ids.NewCallId(newCallId);
        }
        else
        {
            // 8.1.3.5: Call-ID, To and From as in the request that was challenged.
            tag = authentication.FromTag;
            callId = authentication.CallId;
        }

        writer.RequestLine("INVITE"u8, leg.Target!.UriBytes.Span);
        transaction.WriteVia(ref writer);
        writer.Header(HeaderId.MaxForwards, source.MaxForwards < 0 ? 70 : source.MaxForwards - 1);
        writer.Header(HeaderId.MaxBreadth, leg.Call.BreadthFor(leg));
        if (e.Asker!.Invite is { } incoming)
        {
            core.LoopMarks.Write(ref writer, source, incoming.Transaction.Flow);
        }

        foreach (string route in leg.Target.Route)
        {
            writer.BeginHeader(HeaderId.Route);
            writer.Append(route);
            writer.EndHeader();
        }

        core.WriteFrom(ref writer, leg.Target, source, tag, HidesOther);

        core.WriteTo(ref writer, leg.Target, source);
        writer.Header(HeaderId.CallId, callId);
        writer.BeginHeader(HeaderId.CSeq);
        writer.Append((long)leg.InviteCSeq);
        writer.Append(" INVITE"u8);
        writer.EndHeader();
        writer.Header(HeaderId.Contact, contact);
        authentication?.Write(ref writer, "INVITE"u8, leg.Target.UriBytes.Span);
        WriteCapabilities(ref writer, profile.OffersReliability && leg.MayBeReliable(e) ? ServerCapabilities.InviteOptions : ServerCapabilities.CallOptions);
        timer.WriteRequest(ref writer);
        if (leg.Call.MayPassChallenge(leg))
        {
            ForeignCredentials.WriteCredentials(ref writer, source, core.LocalDomains, leg.Call.OwnRealm);
        }

        CallerIdentity.Write(ref writer, core.Options, leg.Call.Known(e.Asker.Leg), leg.Target, source);
        foreach ((string name, string value) in leg.Target.Headers)
        {
            writer.Header(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
        }

        if (source.Has(HeaderId.Replaces))
        {
            // A dialog that is none of ours: the target knows what to do.
            writer.Header(HeaderId.Replaces, source.First(HeaderId.Replaces));
            if (Extensions.Requires(source, "replaces"u8))
            {
                writer.Header(HeaderId.Require, "replaces"u8);
            }
        }

        foreach ((string name, string value) in leg.AddedHeaders)
        {
            writer.Header(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
        }

        LegSessionId.Write(ref writer, party, e, null);
        Finish(ref writer, e);
        return writer.Finish();
    }

    /// <summary>A request within the dialog.</summary>
    public SipBuffer InDialog(Dialog dialog, ClientTransaction transaction, in CallEvent e, PeerAuthentication? authentication = null)
    {
        SipWriter writer = new(core.Buffers, OwnHeaders + e.Body.Length + (e.Message?.Bytes.Length ?? 0));
        ReadOnlySpan<byte> method = transaction.Method == SipMethod.Unknown ? e.Message!.MethodName : SipMethods.Name(transaction.Method);
        dialog.WriteRequest(ref writer, transaction, method);
        authentication?.Write(ref writer, method, dialog.RemoteTarget);
        WriteCapabilities(ref writer, ServerCapabilities.CallOptions);
        if (transaction.Method is SipMethod.Invite or SipMethod.Update)
        {
            timer.WriteRequest(ref writer);
        }

        if (e is { Kind: CallEventKind.End, Code: > 0, Message: null })
        {
            WriteReason(ref writer, e.Code, e.Reason);
        }

        LegSessionId.Write(ref writer, party, e, null);
        Finish(ref writer, e);
        return writer.Finish();
    }

    /// <summary>Tells a transferor how its transfer fares (RFC 3515 2.4.4, 2.4.5).</summary>
    public SipBuffer Notify(Dialog dialog, ClientTransaction transaction, ReferSubscription subscription, int code)
    {
        SipWriter writer = new(core.Buffers, OwnHeaders);
        dialog.WriteRequest(ref writer, transaction, SipMethod.Notify);
        writer.BeginHeader(HeaderId.Event);
        writer.Append("refer"u8);
        if (subscription.Id > 0)
        {
            writer.Append(";id="u8);
            writer.Append((long)subscription.Id);
        }

        writer.EndHeader();
        writer.BeginHeader(HeaderId.SubscriptionState);
        if (code >= 200)
        {
            writer.Append("terminated;reason=noresource"u8); // RFC 3515 2.4.7
        }
        else if (subscription.Seconds == 0)
        {
            writer.Append("terminated;reason=timeout"u8); // RFC 6665 4.2.1.4
        }
        else
        {
            writer.Append("active;expires="u8);
            writer.Append((long)subscription.Seconds);
        }

        writer.EndHeader();
        WriteCapabilities(ref writer, ServerCapabilities.CallOptions);
        LegSessionId.Write(ref writer, party, default, null);
        Span<byte> status = stackalloc byte[128];
        "SIP/2.0 "u8.CopyTo(status);
        Utf8Formatter.TryFormat(code, status[8..], out int digits);
        int length = 8 + digits;
        status[length++] = (byte)' ';
        ReadOnlySpan<byte> phrase = SipStatus.Phrase(code);
        phrase.CopyTo(status[length..]);
        length += phrase.Length;
        "\r\n"u8.CopyTo(status[length..]);
        writer.Body("message/sipfrag;version=2.0"u8, status[..(length + 2)]);
        return writer.Finish();
    }

    /// <summary>The 2xx to a SUBSCRIBE that prolongs or ends what a REFER has begun (RFC 6665 4.2.1.1).</summary>
    public SipBuffer Renewed(ServerTransaction transaction, ReadOnlySpan<byte> contact, int seconds)
    {
        SipWriter writer = new(core.Buffers, OwnHeaders);
        ResponseWriter.Begin(ref writer, transaction.Request, transaction.Flow, 200, default, transaction.LocalTag);
        writer.Header(HeaderId.Contact, contact);
        writer.Header(HeaderId.Expires, seconds);
        core.WriteProduct(ref writer, HeaderId.Server);
        LegSessionId.Write(ref writer, party, default, transaction.Request);
        writer.NoBody();
        return writer.Finish();
    }

    /// <summary>The PRACK of a reliable provisional response (RFC 3262 §4, §7.2).</summary>
    /// <param name="transaction">Its transaction.</param>
    /// <param name="prack">What it acknowledges.</param>
    /// <param name="e">The other party's PRACK that goes along, or nothing.</param>
    /// <param name="authentication">Our authentication, if there was a challenge.</param>
    public SipBuffer Prack(ClientTransaction transaction, OutgoingPrack prack, in CallEvent e, PeerAuthentication? authentication)
    {
        SipWriter writer = new(core.Buffers, OwnHeaders + e.Body.Length + (e.Message?.Bytes.Length ?? 0));
        prack.Within.WriteRequest(ref writer, transaction, SipMethod.Prack);
        writer.BeginHeader(HeaderId.RAck);
        writer.Append((long)prack.Number);
        writer.Append(" "u8);
        writer.Append((long)prack.CSeq);
        writer.Append(" INVITE"u8);
        writer.EndHeader();
        authentication?.Write(ref writer, "PRACK"u8, prack.Within.RemoteTarget);
        core.WriteProduct(ref writer, HeaderId.UserAgent);
        LegSessionId.Write(ref writer, party, e, null);
        Finish(ref writer, e);
        return writer.Finish();
    }

    /// <summary>The ACK of a 2xx (RFC 3261 §13.2.2.4).</summary>
    /// <param name="dialog">The dialog.</param>
    /// <param name="cseq">The number of the INVITE.</param>
    /// <param name="e">Whose INVITE it was, and the answer to a late offer.</param>
    /// <param name="authentication">Our authentication, if there was a challenge.</param>
    public SipBuffer Ack(Dialog dialog, uint cseq, in CallEvent e, PeerAuthentication? authentication)
    {
        SipWriter writer = new(core.Buffers, OwnHeaders + e.Body.Length);
        dialog.WriteAck(ref writer, core.Loop.Transactions, dialog.Flow, cseq);
        authentication?.WriteAgain(ref writer);
        LegSessionId.Write(ref writer, party, e, null);
        ReadOnlySpan<byte> body = BodyPolicy.Of(e.ContentType, e.Body);
        if (body.Length > 0)
        {
            writer.Body(e.ContentType, body);
        }
        else
        {
            writer.NoBody();
        }

        return writer.Finish();
    }

    private void Finish(ref SipWriter writer, in CallEvent e)
    {
        ReadOnlySpan<byte> body = BodyPolicy.Of(e.ContentType, e.Body);
        if (e.Message is { } source)
        {
            HeaderPolicy.WriteCrossing(ref writer, source, HidesOther, rules);
            WriteReferTo(ref writer, source, e.ReferTo);
            WriteEvent(ref writer, source, e);
            if (body.Length > 0)
            {
                HeaderPolicy.WriteBodyHeaders(ref writer, source);
            }
        }

        if (body.Length > 0)
        {
            writer.Body(e.ContentType, body);
        }
        else
        {
            writer.NoBody();
        }
    }

    // RFC 3515 2.4.6: the number of a REFER may be the id of its subscription, and is another one on the other side.
    private void WriteEvent(ref SipWriter writer, SipMessage source, in CallEvent e)
    {
        ReadOnlySpan<byte> renumbered = e.Method switch
        {
            SipMethod.Notify => e.Asker?.Leg.PassedReferral.ForReferrer(source.First(HeaderId.Event)),
            SipMethod.Subscribe => party?.PassedReferral.ForReferred(source.First(HeaderId.Event)),
            _ => default,
        };
        if (renumbered.IsEmpty)
        {
            writer.CopyAll(source, HeaderId.Event);
        }
        else
        {
            writer.Header(HeaderId.Event, renumbered);
        }
    }

    private static void WriteReferTo(ref SipWriter writer, SipMessage source, ReadOnlySpan<byte> rewritten)
    {
        if (rewritten.IsEmpty)
        {
            writer.CopyAll(source, HeaderId.ReferTo);
        }
        else
        {
            writer.Header(HeaderId.ReferTo, rewritten);
        }
    }

    // RFC 3326 2: why the server ends the call; who has no words for it says nothing.
    private static void WriteReason(ref SipWriter writer, int code, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text.ContainsAny("\"\\\r\n"u8))
        {
            return;
        }

        writer.BeginHeader(HeaderId.Reason);
        writer.Append("SIP;cause="u8);
        writer.Append((long)code);
        writer.Append(";text=\""u8);
        writer.Append(text);
        writer.Append("\""u8);
        writer.EndHeader();
    }

    private void WriteCapabilities(ref SipWriter writer, ReadOnlySpan<byte> supported)
    {
        writer.Header(HeaderId.Allow, ServerCapabilities.CallMethods);
        writer.Header(HeaderId.Supported, supported);
        core.WriteProduct(ref writer, HeaderId.UserAgent);
    }
}
