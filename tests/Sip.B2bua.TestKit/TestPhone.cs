using System.Globalization;
using System.Text;
using Sip.Transports;
using static Sip.B2bua.TestKit.PhoneText;

namespace Sip.B2bua.TestKit;

/// <summary>
/// A phone that a test plays, message by message. It knows its tags, branches and numbers, so that a test reads like a call flow; it
/// decides nothing by itself but the ACK to a failure.
/// <code>
///   alice.Invite("sip:bob@example.org");
///   bob.Expect("INVITE");
///   bob.Reply(180);
///   alice.Expect(100);
///   alice.Expect(180);
/// </code>
/// What arrives is taken in order, and each message that a test did not expect fails it.
/// </summary>
public sealed partial class TestPhone
{
    private readonly MemoryNetwork network;
    private readonly MemoryPeer peer;
    private readonly SipAddress server;
    private readonly Queue<TestMessage> inbox = new();
    private readonly Dictionary<string, TestDialog> dialogs = [];
    private readonly List<TestMessage> received = [];
    private readonly PhoneRepeater repeater;
    private MemoryPeerConnection? connection;
    private readonly string number;
    private int counter;

    /// <summary>Puts a phone on a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="address">Its address and port.</param>
    /// <param name="server">The server's.</param>
    /// <param name="user">Its user.</param>
    /// <param name="domain">The user's domain.</param>
    /// <param name="transport">UDP, or a stream.</param>
    public TestPhone(MemoryNetwork network, string address, SipAddress server, string user, string domain, string transport = "UDP")
    {
        ArgumentNullException.ThrowIfNull(network);
        this.network = network;
        this.server = server;
        peer = network.AddPeer(address);
        User = user;
        Domain = domain;
        Transport = transport;
        Host = address;
        number = string.Concat(address.Where(char.IsAsciiDigit));
        repeater = new PhoneRepeater(network.Time, SendText);
        if (transport == "UDP")
        {
            peer.OnReceived = Arrived;
        }
        else
        {
            Connect();
        }
    }

    /// <summary>The user part of its address.</summary>
    public string User { get; }

    /// <summary>The domain of its address.</summary>
    public string Domain { get; }

    /// <summary>The token of its transport.</summary>
    public string Transport { get; }

    /// <summary>Its host and port, as they stand in its Via and Contact.</summary>
    public string Host { get; }

    /// <summary>Its address-of-record.</summary>
    public string AddressOfRecord => $"sip:{User}@{Domain}";

    /// <summary>What it writes into From.</summary>
    public string From { get; set; } = "";

    /// <summary>The URI that it writes into Contact.</summary>
    public string ContactUri
    {
        get => field ?? $"sip:{User}@{Host}{(Transport == "UDP" ? "" : ";transport=" + Transport.ToLowerInvariant())}";
        set;
    }

    /// <summary>The dialog that it talks in: of the message that was expected last, or of its own last INVITE.</summary>
    public TestDialog Dialog { get; set; } = null!;

    /// <summary>The request that was expected last: what <see cref="Reply(int, string, string, string)"/> answers.</summary>
    public TestMessage Request { get; set; } = null!;

    /// <summary>The last message that the phone sent.</summary>
    public string LastSent { get; private set; } = "";

    /// <summary>Every message that has arrived.</summary>
    public IReadOnlyList<TestMessage> Received => received;

    /// <summary>Whether it repeats what is not answered, and answers what is repeated, as a phone on a bad network must.</summary>
    public bool Repeats
    {
        get => repeater.IsOn;
        set => repeater.IsOn = value;
    }

    /// <summary>Whether it acknowledges failures of its INVITEs by itself.</summary>
    public bool AcknowledgesFailures { get; set; } = true;

    /// <summary>Its end of the connection, if it has one.</summary>
    public MemoryPeerConnection? Connection => connection;

    /// <summary>All its connections, whoever opened them.</summary>
    public IReadOnlyList<MemoryPeerConnection> Connections => peer.Connections;

    /// <summary>Looks at each message on arrival; true: it was dealt with and is not kept for <see cref="Expect(string)"/>.</summary>
    public Func<TestMessage, bool>? OnMessage { get; set; }

    /// <summary>Whether datagrams to it come back as unreachable.</summary>
    public bool IsUnreachable
    {
        get => peer.IsUnreachable;
        set => peer.IsUnreachable = value;
    }

    /// <summary>Makes a new connection in place of the one before.</summary>
    /// <param name="localPort">The port to open it from; 0 takes one that is free.</param>
    public void Connect(int localPort = 0)
    {
        connection = peer.Connect(server, localPort);
        connection.OnReceived = Arrived;
    }

    /// <summary>Something unique to this phone, for tags and branches.</summary>
    public string NewId(string prefix) => string.Create(CultureInfo.InvariantCulture, $"{prefix}{User}{number}n{++counter}");

    /// <summary>Registers, answering a challenge if there is one, and expects a 200.</summary>
    /// <param name="expires">For how long, in seconds.</param>
    /// <param name="password">The password.</param>
    /// <param name="parameters">Parameters of the Contact, such as ";q=0.5".</param>
    public TestMessage Register(int expires = 3600, string? password = null, string parameters = "")
    {
        SendRegister(expires, parameters);
        TestMessage answer = Take();
        if (answer.Code == 401)
        {
            SendRegister(expires, parameters, TestDigest.Authorization(answer, "REGISTER", $"sip:{Domain}", User, password ?? $"{User}-secret"));
            answer = Take();
        }

        return Check(answer, answer.Code == 200, "200");
    }

    /// <summary>Sends a REGISTER.</summary>
    /// <param name="expires">For how long, in seconds.</param>
    /// <param name="parameters">Parameters of the Contact.</param>
    /// <param name="headers">More header lines.</param>
    /// <param name="contact">The Contact; null for the phone's own.</param>
    public void SendRegister(int expires = 3600, string parameters = "", string headers = "", string? contact = null)
    {
        TestDialog own = dialogs.TryGetValue("register", out TestDialog? known) ? known : dialogs["register"] = NewDialog($"sip:{User}@{Domain}");
        own.CSeq++;
        Send(Head("REGISTER", $"sip:{Domain}", own, NewId("z9hG4bK-")) + $"Contact: {contact ?? $"<{ContactUri}>{parameters}"}\r\nExpires: {expires}\r\n" + Lines(headers), "");
    }

    /// <summary>Calls somebody: an INVITE outside any dialog.</summary>
    /// <param name="uri">Whom.</param>
    /// <param name="sdp">The offer; "" for none.</param>
    /// <param name="headers">More header lines.</param>
    public TestMessage Invite(string uri, string? sdp = null, string headers = "")
    {
        Dialog = NewDialog(uri);
        dialogs[Dialog.CallId] = Dialog;
        return SendInvite(uri, Dialog, sdp ?? TestSdp.Audio(), headers);
    }

    /// <summary>Changes the session: an INVITE in the dialog.</summary>
    /// <param name="sdp">The offer; "" for none.</param>
    /// <param name="headers">More header lines.</param>
    public TestMessage Reinvite(string sdp, string headers = "") => SendInvite(Dialog.RemoteTarget, Dialog, sdp, headers);

    /// <summary>Acknowledges the 2xx of the dialog's last INVITE.</summary>
    /// <param name="sdp">The answer to a late offer.</param>
    public void Ack(string sdp = "")
    {
        TestDialog d = Dialog;
        string ack = Message(Head("ACK", d.RemoteTarget, d, NewId("z9hG4bK-"), d.SentInvite!.CSeq), sdp);
        repeater.Acknowledged(d.SentInvite.Branch, ack);
        SendText(ack);
    }

    /// <summary>Takes the last INVITE back.</summary>
    /// <param name="headers">More header lines.</param>
    public void Cancel(string headers = "")
    {
        TestMessage invite = Dialog.SentInvite!;
        Send($"CANCEL {invite.RequestUri} SIP/2.0\r\nVia: {invite.Header("Via")}\r\nMax-Forwards: 70\r\nFrom: {invite.Header("From")}\r\n"
            + $"To: {invite.Header("To")}\r\nCall-ID: {invite.CallId}\r\nCSeq: {invite.CSeq} CANCEL\r\n" + Lines(headers), "");
    }

    /// <summary>Hangs up.</summary>
    /// <param name="headers">More header lines.</param>
    public TestMessage Bye(string headers = "") => Ask("BYE", headers: headers);

    /// <summary>Sends a request in the dialog.</summary>
    /// <param name="method">Its method.</param>
    /// <param name="body">Its body.</param>
    /// <param name="headers">More header lines.</param>
    /// <param name="type">The body's type.</param>
    public TestMessage Ask(string method, string body = "", string headers = "", string type = "application/sdp")
    {
        Dialog.CSeq++;
        string contact = method is "UPDATE" or "REFER" or "SUBSCRIBE" or "NOTIFY" ? $"Contact: <{ContactUri}>\r\n" : "";
        return Send(Head(method, Dialog.RemoteTarget, Dialog, NewId("z9hG4bK-")) + contact + Lines(headers), body, type);
    }

    /// <summary>Sends a request outside any dialog.</summary>
    /// <param name="method">Its method.</param>
    /// <param name="uri">Whom it is for.</param>
    /// <param name="body">Its body.</param>
    /// <param name="headers">More header lines.</param>
    /// <param name="type">The body's type.</param>
    public TestMessage AskOutside(string method, string uri, string body = "", string headers = "", string type = "text/plain")
    {
        TestDialog once = NewDialog(uri);
        once.CSeq = 1;
        return Send(Head(method, uri, once, NewId("z9hG4bK-")) + Lines(headers), body, type);
    }

    /// <summary>
    /// Sends a text as it is, but for {branch}, {callid}, {tag}, {host}, {contact} and {domain}, and its line ends. It gets a
    /// Content-Length if it has none.
    /// </summary>
    /// <param name="text">The message.</param>
    public TestMessage SendRaw(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        text = text.ReplaceLineEndings("\r\n")
            .Replace("{branch}", NewId("z9hG4bK-"), StringComparison.Ordinal)
            .Replace("{callid}", NewId("call-"), StringComparison.Ordinal)
            .Replace("{tag}", NewId("tag-"), StringComparison.Ordinal)
            .Replace("{host}", Host, StringComparison.Ordinal)
            .Replace("{contact}", $"<{ContactUri}>", StringComparison.Ordinal)
            .Replace("{domain}", Domain, StringComparison.Ordinal);
        int end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        string head = end < 0 ? text.TrimEnd() + "\r\n" : text[..(end + 2)];
        string body = end < 0 ? "" : text[(end + 4)..];
        head += head.Contains("Content-Length", StringComparison.OrdinalIgnoreCase) ? "" : $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n";
        SendText(head + "\r\n" + body);
        TestMessage sent = TestMessage.Read(LastSent);
        if (sent.Method == "INVITE" && sent.IsRequest)
        {
            Dialog = new TestDialog
            {
                CallId = sent.CallId,
                LocalTag = sent.FromTag,
                LocalAddress = WithoutTag(sent.Header("From")),
                RemoteAddress = sent.Header("To"),
                RemoteTarget = sent.RequestUri,
                CSeq = sent.CSeq,
                SentInvite = sent,
            };
            dialogs[sent.CallId] = Dialog;
        }

        return sent;
    }

    /// <summary>Sends once more what was sent last, or another message as it was.</summary>
    /// <param name="message">The message; null for the last.</param>
    public void Repeat(TestMessage? message = null) => SendText(message?.Text ?? LastSent);

    /// <summary>Answers the request that was expected last.</summary>
    /// <param name="code">The status code.</param>
    /// <param name="sdp">The session description.</param>
    /// <param name="headers">More header lines.</param>
    /// <param name="reason">The reason phrase.</param>
    public TestMessage Reply(int code, string sdp = "", string headers = "", string reason = "Because") => Reply(Request, code, sdp, headers, reason);

    /// <summary>Answers a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="code">The status code.</param>
    /// <param name="sdp">The session description.</param>
    /// <param name="headers">More header lines.</param>
    /// <param name="reason">The reason phrase.</param>
    /// <param name="toTag">The tag of To, if not the dialog's.</param>
    public TestMessage Reply(TestMessage request, int code, string sdp = "", string headers = "", string reason = "Because", string? toTag = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        string tag = toTag ?? (dialogs.TryGetValue(request.CallId, out TestDialog? dialog) ? dialog.LocalTag : "once");
        StringBuilder text = new($"SIP/2.0 {code} {reason}\r\n");
        foreach (string via in request.Headers("Via"))
        {
            text.Append("Via: ").Append(via).Append("\r\n");
        }

        string to = request.Header("To");
        text.Append($"From: {request.Header("From")}\r\nTo: {to}{(request.ToTag.Length > 0 || code == 100 ? "" : ";tag=" + tag)}\r\n");
        text.Append($"Call-ID: {request.CallId}\r\nCSeq: {request.Header("CSeq")}\r\n");
        if (request.Method is "INVITE" or "UPDATE" && code is > 100 and < 300)
        {
            text.Append($"Contact: <{ContactUri}>\r\n").Append(AllowLine);
        }

        string message = Message(text + Lines(headers), sdp);
        repeater.Answered(request, code, message);
        SendText(message);
        return TestMessage.Read(LastSent);
    }

    /// <summary>Takes the next message, which must be a request of this method.</summary>
    /// <param name="method">The method.</param>
    public TestMessage Expect(string method) => Taken(Take(), m => m.IsRequest && m.Method == method, method);

    /// <summary>Takes the next message, which must be a response with this code.</summary>
    /// <param name="code">The status code.</param>
    /// <param name="to">The method that it answers; null for any.</param>
    public TestMessage Expect(int code, string? to = null) =>
        Taken(Take(), m => m.Code == code && (to is null || m.Method == to), $"{code} {to}");

    /// <summary>Moves the clock until a request of this method comes, and skips what comes before it.</summary>
    /// <param name="method">The method.</param>
    /// <param name="seconds">How long at most.</param>
    public TestMessage Await(string method, double seconds = 64) => Await(m => m.IsRequest && m.Method == method, method, seconds);

    /// <summary>Moves the clock until a response with this code comes, and skips what comes before it.</summary>
    /// <param name="code">The status code.</param>
    /// <param name="to">The method that it answers; null for any.</param>
    /// <param name="seconds">How long at most.</param>
    public TestMessage Await(int code, string? to = null, double seconds = 64) =>
        Await(m => m.Code == code && (to is null || m.Method == to), $"{code} {to}", seconds);

    /// <summary>Talks in the dialog of a message from now on.</summary>
    public void Open(TestMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        Dialog = dialogs.GetValueOrDefault(message.CallId, Dialog);
    }

    /// <summary>Fails if a message has come that no test expected.</summary>
    public void ExpectNothing()
    {
        network.RunUntilQuiet();
        if (inbox.TryPeek(out TestMessage? message))
        {
            throw new UnexpectedMessageException($"{User} expected nothing, but got:\n{message}");
        }
    }

    /// <summary>Forgets what has come so far.</summary>
    public void Skip()
    {
        network.RunUntilQuiet();
        inbox.Clear();
    }

    private TestDialog NewDialog(string uri) => new()
    {
        CallId = NewId("call-"),
        LocalTag = NewId("tag-"),
        LocalAddress = From.Length > 0 ? From : $"<{AddressOfRecord}>",
        RemoteAddress = $"<{uri}>",
        RemoteTarget = uri,
    };

    private TestMessage SendInvite(string uri, TestDialog dialog, string sdp, string headers)
    {
        dialog.CSeq++;
        dialog.SentInvite = Send(Head("INVITE", uri, dialog, NewId("z9hG4bK-")) + $"Contact: <{ContactUri}>\r\n" + AllowLine + Lines(headers), sdp);
        return dialog.SentInvite;
    }

    private string Head(string method, string uri, TestDialog d, string branch, int cseq = 0) =>
        $"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/{Transport} {Host};branch={branch};rport\r\nMax-Forwards: 70\r\n"
        + $"From: {d.LocalAddress};tag={d.LocalTag}\r\nTo: {d.RemoteAddress}{(d.RemoteTag.Length > 0 ? ";tag=" + d.RemoteTag : "")}\r\n"
        + $"Call-ID: {d.CallId}\r\nCSeq: {(cseq == 0 ? d.CSeq : cseq)} {method}\r\n";

    private TestMessage Send(string head, string body, string type = "application/sdp")
    {
        string text = Message(head, body, type);
        TestMessage request = TestMessage.Read(text);
        repeater.Asked(request);
        SendText(text);
        return request;
    }

    private void SendText(string text)
    {
        LastSent = text;
        if (connection is null)
        {
            peer.Send(Encoding.UTF8.GetBytes(text), server);
        }
        else
        {
            connection.Send(Encoding.UTF8.GetBytes(text));
        }
    }

    private void Arrived(PeerMessage message)
    {
        TestMessage read = TestMessage.Read(message.Text, message.At);
        received.Add(read);
        if (!repeater.IsNew(read))
        {
            return;
        }

        Track(read);
        if (OnMessage?.Invoke(read) != true)
        {
            inbox.Enqueue(read);
        }
    }

    private void Track(TestMessage message)
    {
        if (!dialogs.TryGetValue(message.CallId, out TestDialog? dialog))
        {
            if (message is not { IsRequest: true, Method: "INVITE", ToTag: "" })
            {
                return;
            }

            dialog = dialogs[message.CallId] = new TestDialog
            {
                CallId = message.CallId,
                LocalTag = NewId("tag-"),
                RemoteTag = message.FromTag,
                LocalAddress = message.Header("To"),
                RemoteAddress = WithoutTag(message.Header("From")),
                RemoteTarget = message.ContactUri,
            };
        }

        if (message is { IsRequest: true, Method: "INVITE" })
        {
            dialog.ReceivedInvite = message;
        }

        if (message.ContactUri.Length > 0 && message.Code < 300 && message.Method is "INVITE" or "UPDATE")
        {
            dialog.RemoteTarget = message.ContactUri;
        }

        if (!message.IsRequest && message.Method == "INVITE" && message.Code > 100)
        {
            dialog.RemoteTag = message.Code < 300 && message.ToTag.Length > 0 ? message.ToTag : dialog.RemoteTag;
            if (message.Code >= 300 && AcknowledgesFailures)
            {
                AcknowledgeFailure(dialog.SentInvite!, message);
            }
        }
    }

    // 17.1.1.3: the ACK to a failure has the INVITE's branch.
    private void AcknowledgeFailure(TestMessage invite, TestMessage failure)
    {
        string ack = $"ACK {invite.RequestUri} SIP/2.0\r\nVia: {invite.Header("Via")}\r\nMax-Forwards: 70\r\nFrom: {invite.Header("From")}\r\n"
            + $"To: {failure.Header("To")}\r\nCall-ID: {invite.CallId}\r\nCSeq: {invite.CSeq} ACK\r\nContent-Length: 0\r\n\r\n";
        repeater.Acknowledged(invite.Branch, ack);
        SendText(ack);
    }

    private TestMessage Take()
    {
        network.RunUntilQuiet();
        return inbox.TryDequeue(out TestMessage? message) ? message : throw new UnexpectedMessageException($"{User} has received nothing more.");
    }

    private TestMessage Await(Func<TestMessage, bool> wanted, string what, double seconds)
    {
        if (!network.AdvanceUntil(() => inbox.Any(wanted), TimeSpan.FromSeconds(seconds)))
        {
            throw new UnexpectedMessageException($"{User} waited for {what} in vain; there came:\n{string.Join("\n", inbox)}");
        }

        TestMessage message;
        do
        {
            message = inbox.Dequeue();
        }
        while (!wanted(message));
        return Taken(message, wanted, what);
    }

    private TestMessage Taken(TestMessage message, Func<TestMessage, bool> wanted, string what)
    {
        Check(message, wanted(message), what);
        Dialog = dialogs.GetValueOrDefault(message.CallId, Dialog);
        if (message.IsRequest && message.Method != "ACK")
        {
            Request = message;
        }

        return message;
    }

    private TestMessage Check(TestMessage message, bool good, string what) =>
        good ? message : throw new UnexpectedMessageException($"{User} expected {what}, but got:\n{message}");
}
