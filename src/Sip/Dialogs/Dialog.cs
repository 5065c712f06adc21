using Sip.Headers;
using Sip.Messages;
using Sip.Transactions;
using Sip.Transports;
using Sip.Uris;

namespace Sip.Dialogs;

/// <summary>
/// The relation of two user agents (RFC 3261 12): ids, sequence numbers, route set and targets, with functions to make the next
/// request. It is data: it owns no timer and sends nothing. "Local" is always us. Its texts are copied once, into one block.
/// </summary>
public sealed class Dialog
{
    private DialogBlock block;
    private bool hasRemoteCSeq;
    private Flow flow;

    private Dialog(DialogBlock block, in Flow flow, IDialogUser user)
    {
        this.block = block;
        this.flow = flow;
        User = user;
    }

    /// <summary>Early, confirmed, or over.</summary>
    public DialogState State { get; private set; }

    /// <summary>Who its requests are for.</summary>
    public IDialogUser User { get; set; }

    /// <summary>Whether it was made by the peer's request, so that we were the UAS.</summary>
    public bool IsUas { get; private init; }

    /// <summary>The Call-ID.</summary>
    public ReadOnlySpan<byte> CallId => block[DialogPiece.CallId];

    /// <summary>Our tag; it carries the loop's number.</summary>
    public ReadOnlySpan<byte> LocalTag => block[DialogPiece.LocalTag];

    /// <summary>The peer's tag; empty for an RFC 2543 peer that sends none.</summary>
    public ReadOnlySpan<byte> RemoteTag => block[DialogPiece.RemoteTag];

    /// <summary>Our From, display name and parameters included, without the tag.</summary>
    public ReadOnlySpan<byte> LocalAddress => block[DialogPiece.LocalAddress];

    /// <summary>The peer's To, display name and parameters included, without the tag.</summary>
    public ReadOnlySpan<byte> RemoteAddress => block[DialogPiece.RemoteAddress];

    /// <summary>The value of our Contact.</summary>
    public ReadOnlySpan<byte> LocalContact => block[DialogPiece.LocalContact];

    /// <summary>The route set as the value of one Route header, in the order of travel; empty for none.</summary>
    public ReadOnlySpan<byte> RouteSet => block[DialogPiece.RouteSet];

    /// <summary>The URI that our requests are for.</summary>
    public ReadOnlySpan<byte> RemoteTarget => block[DialogPiece.RemoteTarget];

    /// <summary>The sequence number of our last request; 0 before the first.</summary>
    public uint LocalCSeq { get; private set; }

    /// <summary>The highest sequence number of the peer's requests; 0 before the first.</summary>
    public uint RemoteCSeq { get; private set; }

    /// <summary>12.1: whether the dialog was made over TLS with a SIPS URI, so that our Contact must be SIPS, too.</summary>
    public bool IsSecure { get; private init; }

    /// <summary>The flow that the peer used last.</summary>
    public Flow Flow
    {
        get => flow;
        set => flow = value;
    }

    /// <summary>Octets that the dialog's texts take.</summary>
    public int TextLength => block.Length;

    /// <summary>Whether the peer is not known yet: our request may make a dialog that a request of the peer begins (<see cref="Awaited"/>).</summary>
    public bool IsAwaited { get; private init; }

    internal Dialog? NextInBucket { get; set; }

    internal bool IsInTable { get; set; }

    /// <summary>
    /// Where a request inside the dialog goes if not by <see cref="Flow"/>: the first URI of the route set, or the remote
    /// target (12.2.1.1, 8.1.2).
    /// </summary>
    public ReadOnlySpan<byte> NextHop => TryReadFirstRoute(out ReadOnlySpan<byte> uri, out _) ? uri : RemoteTarget;

    /// <summary>12.1.1: the dialog that our response to this request makes. Early until <see cref="Confirm()"/>.</summary>
    /// <param name="request">The request, such as an INVITE.</param>
    /// <param name="flow">The flow that it came by.</param>
    /// <param name="localTag">The To tag of our responses; from <see cref="LoopIds.NewTag"/>.</param>
    /// <param name="localContact">The value of our Contact.</param>
    /// <param name="user">Who the dialog's requests are for.</param>
    public static Dialog FromRequest(
        SipMessage request, in Flow flow, ReadOnlySpan<byte> localTag, ReadOnlySpan<byte> localContact, IDialogUser user)
    {
        ArgumentNullException.ThrowIfNull(request);
        DialogBlockWriter writer = new(1024);
        writer.Add(DialogPiece.CallId, request.CallId);
        writer.Add(DialogPiece.LocalTag, localTag);

        // 12.1.1: a request without a From tag has the tag null.
        writer.Add(DialogPiece.RemoteTag, request.FromTag);
        writer.AddAddress(DialogPiece.LocalAddress, request.To);
        writer.AddAddress(DialogPiece.RemoteAddress, request.From);
        writer.Add(DialogPiece.LocalContact, localContact);

        // 12.1.1: the Record-Route values "taken in order".
        writer.AddRouteSet(request, reversed: false);
        writer.Add(DialogPiece.RemoteTarget, TargetOf(request, request.From));
        return new Dialog(writer.Finish(), flow, user)
        {
            IsUas = true,
            IsSecure = flow.IsSecure && IsSips(request.RequestUri),
            RemoteCSeq = request.CSeqNumber,
            hasRemoteCSeq = true,
        };
    }

    /// <summary>
    /// 12.1.2: the dialog that a response to our request makes: early by a provisional response with a To tag, confirmed by
    /// a 2xx. Each To tag of a forked INVITE makes a dialog of its own.
    /// </summary>
    /// <param name="response">The response.</param>
    /// <param name="flow">The flow that the request went by.</param>
    /// <param name="localContact">The value of our Contact.</param>
    /// <param name="isSecure">Whether the request went over TLS to a SIPS Request-URI.</param>
    /// <param name="user">Who the dialog's requests are for.</param>
    public static Dialog FromResponse(
        SipMessage response, in Flow flow, ReadOnlySpan<byte> localContact, bool isSecure, IDialogUser user)
    {
        ArgumentNullException.ThrowIfNull(response);
        DialogBlockWriter writer = new(1024);
        writer.Add(DialogPiece.CallId, response.CallId);
        writer.Add(DialogPiece.LocalTag, response.FromTag);
        writer.Add(DialogPiece.RemoteTag, response.ToTag);
        writer.AddAddress(DialogPiece.LocalAddress, response.From);
        writer.AddAddress(DialogPiece.RemoteAddress, response.To);
        writer.Add(DialogPiece.LocalContact, localContact);

        // 12.1.2: the Record-Route values "taken in reverse order".
        writer.AddRouteSet(response, reversed: true);
        writer.Add(DialogPiece.RemoteTarget, TargetOf(response, response.To));
        return new Dialog(writer.Finish(), flow, user)
        {
            State = response.StatusCode >= 200 ? DialogState.Confirmed : DialogState.Early,
            IsSecure = isSecure,
            LocalCSeq = response.CSeqNumber,
        };
    }

    /// <summary>
    /// 12.2.1.1: numbers grow and none comes twice, but some may be missing. Leaves out those that requests in the early dialog may have
    /// had, where this one was made anew and does not know.
    /// </summary>
    /// <param name="count">How many.</param>
    public void SkipNumbers(uint count) => LocalCSeq += count;

    /// <summary>
    /// RFC 6665 4.4.1: what a SUBSCRIBE of ours leaves in the table until a NOTIFY makes the dialog. Its user gets every NOTIFY with this
    /// Call-ID and our tag whose sender is in no dialog yet, unchecked, and decides whether to make one with <see cref="FromNotify"/>.
    /// </summary>
    /// <param name="callId">The Call-ID of the SUBSCRIBE.</param>
    /// <param name="localTag">Its From tag; from <see cref="LoopIds.NewTag"/>.</param>
    /// <param name="user">Who the NOTIFY is for.</param>
    public static Dialog Awaited(ReadOnlySpan<byte> callId, ReadOnlySpan<byte> localTag, IDialogUser user)
    {
        DialogBlockWriter writer = new(256);
        for (DialogPiece piece = 0; (int)piece < DialogBlock.PieceCount; piece++)
        {
            writer.Add(piece, piece switch
            {
                DialogPiece.CallId => callId,
                DialogPiece.LocalTag => localTag,
                _ => default,
            });
        }

        return new Dialog(writer.Finish(), default, user) { IsAwaited = true };
    }

    /// <summary>RFC 6665 4.4.1: the dialog that a NOTIFY makes; route set and target are those of the NOTIFY.</summary>
    /// <param name="notify">The NOTIFY.</param>
    /// <param name="flow">The flow that it came by.</param>
    /// <param name="localContact">The value of our Contact.</param>
    /// <param name="subscribeCSeq">The number of the SUBSCRIBE that it answers.</param>
    /// <param name="user">Who the dialog's requests are for.</param>
    public static Dialog FromNotify(
        SipMessage notify, in Flow flow, ReadOnlySpan<byte> localContact, uint subscribeCSeq, IDialogUser user)
    {
        ArgumentNullException.ThrowIfNull(notify);
        Dialog dialog = FromRequest(notify, flow, notify.ToTag, localContact, user);
        dialog.LocalCSeq = subscribeCSeq;
        dialog.State = DialogState.Confirmed;
        return dialog;
    }

    /// <summary>
    /// The number of the loop that the dialog lives on, if that is not the one that its tag names; else -1. What stands in the table then
    /// only tells the way: requests are handed on.
    /// </summary>
    public int MovedTo { get; private set; } = -1;

    /// <summary>Moves the dialog to another loop: the copy goes there, this one stays in its table and tells where it is.</summary>
    /// <param name="loop">The other loop's number.</param>
    public Dialog MoveTo(int loop)
    {
        Dialog moved = (Dialog)MemberwiseClone();
        moved.NextInBucket = null;
        moved.IsInTable = false;
        MovedTo = loop;
        return moved;
    }

    /// <summary>A dialog that has moved already has moved on.</summary>
    /// <param name="loop">Where it lives now.</param>
    public void PointTo(int loop) => MovedTo = loop;

    /// <summary>Our 2xx confirms the dialog that we made as UAS.</summary>
    public void Confirm() => State = DialogState.Confirmed;

    /// <summary>
    /// 13.2.2.4: the 2xx confirms an early dialog; its route set is computed anew from the 2xx, and its target replaced.
    /// </summary>
    public void Confirm(SipMessage response)
    {
        ArgumentNullException.ThrowIfNull(response);
        State = DialogState.Confirmed;
        DialogBlockWriter writer = new(block.Length);
        for (DialogPiece piece = 0; piece < DialogPiece.RouteSet; piece++)
        {
            writer.Add(piece, block[piece]);
        }

        writer.AddRouteSet(response, reversed: true);
        writer.Add(DialogPiece.RemoteTarget, TryReadContact(response, out ReadOnlySpan<byte> target) ? target : RemoteTarget);
        block = writer.Finish(block);
    }

    /// <summary>The dialog is over (12.3).</summary>
    public void Terminate() => State = DialogState.Terminated;

    /// <summary>12.2.2: checks and takes over the sequence number of a request inside the dialog.</summary>
    public CSeqVerdict AcceptRequest(SipMessage request)
    {
        ArgumentNullException.ThrowIfNull(request);

        // 12.2.1.1: ACK and CANCEL have the number of the request that they belong to.
        if (request.Method is SipMethod.Ack or SipMethod.Cancel)
        {
            return CSeqVerdict.InOrder;
        }

        // 12.2.2: lower: out of order. Higher, with a gap or not, is in order.
        if (hasRemoteCSeq && request.CSeqNumber < RemoteCSeq)
        {
            return CSeqVerdict.OutOfOrder;
        }

        RemoteCSeq = request.CSeqNumber;
        hasRemoteCSeq = true;
        return CSeqVerdict.InOrder;
    }

    /// <summary>
    /// 12.2.1.2 and 12.2.2: takes over the Contact of a target refresh request that was accepted, or of a 2xx to one. Any other
    /// message changes nothing.
    /// </summary>
    public void UpdateTarget(SipMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (IsTargetRefresh(message.IsRequest ? message.Method : message.CSeqMethod)
            && TryReadContact(message, out ReadOnlySpan<byte> target)
            && !target.SequenceEqual(RemoteTarget))
        {
            block = block.With(DialogPiece.RemoteTarget, target);
        }
    }

    /// <summary>Changes the value of our Contact, as after a move to another flow.</summary>
    public void SetLocalContact(ReadOnlySpan<byte> localContact) => block = block.With(DialogPiece.LocalContact, localContact);

    /// <summary>
    /// 12.2.1.1: writes the head of the next request: request line, Via, Route, Max-Forwards, From, To, Call-ID, CSeq, and, where
    /// the method refreshes the target and <see cref="LocalContact"/> is not empty, Contact. <see cref="LocalCSeq"/> is its number
    /// afterwards. More headers and the body may follow.
    /// </summary>
    /// <param name="writer">The request so far: nothing.</param>
    /// <param name="transaction">The transaction that will send it.</param>
    /// <param name="method">Its method; not ACK nor CANCEL.</param>
    public void WriteRequest(ref SipWriter writer, ClientTransaction transaction, SipMethod method) =>
        WriteRequest(ref writer, transaction, SipMethods.Name(method));

    /// <summary>As the other one, for a method of any name.</summary>
    /// <param name="writer">The request so far: nothing.</param>
    /// <param name="transaction">The transaction that will send it.</param>
    /// <param name="method">Its method's wire name; not ACK nor CANCEL.</param>
    public void WriteRequest(ref SipWriter writer, ClientTransaction transaction, scoped ReadOnlySpan<byte> method)
    {
        ArgumentNullException.ThrowIfNull(transaction);

        // 12.2.1.1: increasing by one; the first is 1.
        LocalCSeq++;
        WriteRequestLine(ref writer, method);
        transaction.WriteVia(ref writer);
        WriteHead(ref writer, method, LocalCSeq);
        if (!LocalContact.IsEmpty && IsTargetRefresh(SipMethods.Find(method)))
        {
            writer.Header(HeaderId.Contact, LocalContact);
        }
    }

    /// <summary>
    /// 13.2.2.4: writes the head of the ACK to a 2xx, which has a branch of its own and the number of the INVITE. Send it again for
    /// each retransmission of the 2xx; credentials are those of the INVITE.
    /// </summary>
    /// <param name="writer">The ACK so far: nothing.</param>
    /// <param name="table">The transactions of the loop, for the Via.</param>
    /// <param name="way">The flow that it will go by, such as <see cref="Flow"/>.</param>
    /// <param name="inviteCSeq">The number of the INVITE.</param>
    public void WriteAck(ref SipWriter writer, TransactionTable table, in Flow way, uint inviteCSeq)
    {
        ArgumentNullException.ThrowIfNull(table);
        Span<byte> branch = stackalloc byte[LoopIds.BranchLength];
        table.Ids.NewBranch(branch);
        WriteRequestLine(ref writer, "ACK"u8);
        table.WriteVia(ref writer, way, branch);
        WriteHead(ref writer, "ACK"u8, inviteCSeq);
    }

    // RFC 3261 14, RFC 3311 5.1, RFC 6665 4.4.1, RFC 3515 2.4.6: the requests whose Contact replaces the target.
    private static bool IsTargetRefresh(SipMethod method) =>
        method is SipMethod.Invite or SipMethod.Update or SipMethod.Subscribe or SipMethod.Notify or SipMethod.Refer;

    private static bool IsSips(ReadOnlySpan<byte> uri) => SipChars.StartsWithIgnoreCase(uri, "sips:"u8);

    // Without a Contact, which the RFC demands but some peers forget, the address itself is the best guess.
    private static ReadOnlySpan<byte> TargetOf(SipMessage message, ReadOnlySpan<byte> address)
    {
        if (TryReadContact(message, out ReadOnlySpan<byte> target))
        {
            return target;
        }

        return NameAddr.TryParse(address, out NameAddr parsed) ? WithoutHeaders(parsed.Uri) : default;
    }

    private static bool TryReadContact(SipMessage message, out ReadOnlySpan<byte> target)
    {
        HeaderValues contacts = message.Values(HeaderId.Contact);
        if (contacts.MoveNext() && NameAddr.TryParse(contacts.Current, out NameAddr contact) && !contact.IsStar)
        {
            target = WithoutHeaders(contact.Uri);
            return true;
        }

        target = default;
        return false;
    }

    // 19.1.1, table 1: headers have no place in a Request-URI.
    private static ReadOnlySpan<byte> WithoutHeaders(ReadOnlySpan<byte> uri)
    {
        int question = uri[(uri.IndexOf((byte)'@') + 1)..].IndexOf((byte)'?');
        return question < 0 ? uri : uri[..(uri.IndexOf((byte)'@') + 1 + question)];
    }

    private bool TryReadFirstRoute(out ReadOnlySpan<byte> uri, out ReadOnlySpan<byte> rest)
    {
        ReadOnlySpan<byte> routes = RouteSet;
        int end = HeaderValues.ElementEnd(routes);
        rest = end < routes.Length ? SipChars.Trim(routes[(end + 1)..]) : default;
        bool read = NameAddr.TryParse(routes[..end], out NameAddr first);
        uri = read ? first.Uri : default;
        return read;
    }

    private bool IsStrict(out ReadOnlySpan<byte> first, out ReadOnlySpan<byte> rest) =>
        TryReadFirstRoute(out first, out rest) && SipUri.TryParse(first, out SipUri uri) && !uri.TryGetParam("lr"u8, out _);

    // 12.2.1.1: the remote target; or, where the first route is an RFC 2543 router, that route's URI.
    private void WriteRequestLine(ref SipWriter writer, scoped ReadOnlySpan<byte> method) =>
        writer.RequestLine(method, IsStrict(out ReadOnlySpan<byte> first, out _) ? WithoutHeaders(first) : RemoteTarget);

    private void WriteHead(ref SipWriter writer, scoped ReadOnlySpan<byte> method, uint cseq)
    {
        WriteRoute(ref writer);
        writer.Header(HeaderId.MaxForwards, 70);
        WriteAddress(ref writer, HeaderId.From, LocalAddress, LocalTag);
        WriteAddress(ref writer, HeaderId.To, RemoteAddress, RemoteTag);
        writer.Header(HeaderId.CallId, CallId);
        writer.BeginHeader(HeaderId.CSeq);
        writer.Append((long)cseq);
        writer.Append((byte)' ');
        writer.Append(method);
        writer.EndHeader();
    }

    private void WriteRoute(ref SipWriter writer)
    {
        // 12.2.1.1: no route set, no Route.
        if (RouteSet.IsEmpty)
        {
            return;
        }

        writer.BeginHeader(HeaderId.Route);
        if (IsStrict(out _, out ReadOnlySpan<byte> rest))
        {
            // 12.2.1.1: the remainder of the route set, and the remote target as the last value.
            writer.Append(rest);
            writer.Append(rest.IsEmpty ? "<"u8 : ", <"u8);
            writer.Append(RemoteTarget);
            writer.Append((byte)'>');
        }
        else
        {
            // 12.2.1.1: a loose router comes first: the whole route set, in order, with all parameters.
            writer.Append(RouteSet);
        }

        writer.EndHeader();
    }

    // 12.2.1.1: a null tag is left out.
    private static void WriteAddress(ref SipWriter writer, HeaderId id, ReadOnlySpan<byte> address, ReadOnlySpan<byte> tag)
    {
        writer.BeginHeader(id);
        writer.Append(address);
        if (!tag.IsEmpty)
        {
            writer.Append(";tag="u8);
            writer.Append(tag);
        }

        writer.EndHeader();
    }
}
