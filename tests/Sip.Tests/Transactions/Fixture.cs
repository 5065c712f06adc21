using System.Net;
using System.Text;
using Sip.Messages;
using Sip.Transactions;
using Sip.Transports;

namespace Sip.Tests.Transactions;

/// <summary>One loop under a clock that the test moves, with a UDP and a TCP transport that record what is sent.</summary>
internal sealed class Fixture : IMessageSink, IClientTransactionUser, IServerTransactionUser, IDisposable
{
    public Fixture(TransactionOptions? options = null)
    {
        Loop = new EventLoop(3, new EventLoopOptions { Time = Time, Poller = EventLoopOptions.WithoutSockets() });
        Transports = new TransportSet(Loop, this);
        Udp = new RecordingTransport(new ListeningPoint { Index = 0, Token = "UDP", Bind = IPEndPoint.Parse("192.0.2.1:5060") }, Transports);
        Tcp = new RecordingTransport(new ListeningPoint { Index = 1, Token = "TCP", Bind = IPEndPoint.Parse("192.0.2.1:5060") }, Transports);
        Transports.Add(Udp);
        Transports.Add(Tcp);
        Table = new TransactionTable(Loop, Transports, MessagePool, options);
        UdpFlow = new Flow(Udp, Udp.Point.Address, Address("203.0.113.9:40000"));
        TcpFlow = new Flow(Tcp, Tcp.Point.Address, Address("203.0.113.9:40001"));
    }

    public ManualTime Time { get; } = new();

    public EventLoop Loop { get; }

    public TransportSet Transports { get; }

    public SipMessagePool MessagePool { get; } = new();

    public RecordingTransport Udp { get; }

    public RecordingTransport Tcp { get; }

    public TransactionTable Table { get; }

    public Flow UdpFlow { get; }

    public Flow TcpFlow { get; }

    /// <summary>What the users were told, in order: "180", "failed Timeout", "cancel", "terminated".</summary>
    public List<string> Told { get; } = [];

    public static SipAddress Address(string endPoint) => SipAddress.From(IPEndPoint.Parse(endPoint));

    public Flow FlowOf(bool reliable) => reliable ? TcpFlow : UdpFlow;

    public IReadOnlyList<Sent> SentBy(bool reliable) => reliable ? Tcp.Messages : Udp.Messages;

    /// <summary>Moves the clock and lets the loop run, a timer at a time.</summary>
    public void Move(int milliseconds)
    {
        while (milliseconds > 0)
        {
            int next = Loop.Timers.MillisecondsToNext();
            int step = next < 0 ? milliseconds : Math.Clamp(next, 1, milliseconds);
            Time.Move(step);
            milliseconds -= step;
            Loop.Turn(0);
        }
    }

    public void Turn()
    {
        Loop.Turn(0);
        Loop.Turn(0);
    }

    public SipMessage Parse(string text, bool stream = false)
    {
        byte[] octets = Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n"));
        SipBuffer buffer = Loop.Buffers.Rent(octets.Length);
        octets.CopyTo(buffer.Array, 0);
        buffer.Length = octets.Length;
        SipMessage message = MessagePool.Rent();
        SipParseError error = SipParser.Parse(buffer, stream, message, SipLimits.Default);
        Assert.Equal(SipParseError.None, error);
        return message;
    }

    public SipMessage Request(
        string method = "INVITE", string branch = "z9hG4bKaaa", string sentBy = "203.0.113.9:5060", string toTag = "", string callId = "c1", uint cseq = 1,
        string via = ";rport", string uri = "sip:bob@example.com", string extra = "") =>
        Parse($"""
            {method} {uri} SIP/2.0
            Via: SIP/2.0/UDP {sentBy}{(branch.Length > 0 ? ";branch=" + branch : "")}{via}
            Max-Forwards: 70
            From: Alice <sip:alice@example.com>;tag=a1
            To: <sip:bob@example.com>{(toTag.Length > 0 ? ";tag=" + toTag : "")}
            Call-ID: {callId}
            CSeq: {cseq} {method}
            {extra}Content-Length: 0


            """);

    /// <summary>A response to a request that was sent.</summary>
    public SipMessage Response(Sent request, int code, string toTag = "b1", string? cseq = null, string? via = null, string extra = "") =>
        Parse($"""
            SIP/2.0 {code} Something
            Via: {via ?? request.Header("Via")}
            From: {request.Header("From")}
            To: {request.Header("To")}{(code > 100 && !request.Header("To")!.Contains(";tag=", StringComparison.Ordinal) ? ";tag=" + toTag : "")}
            Call-ID: {request.Header("Call-ID")}
            CSeq: {cseq ?? request.Header("CSeq")}
            {extra}Content-Length: 0


            """);

    public ClientTransaction SendRequest(SipMethod method = SipMethod.Invite, bool reliable = false, string? name = null, string extra = "")
    {
        Flow flow = FlowOf(reliable);
        ClientTransaction transaction = Table.CreateClient(method, flow, this);
        SipWriter writer = new(Loop.Buffers);
        byte[] wire = name is null ? SipMethods.Name(method).ToArray() : Encoding.ASCII.GetBytes(name);
        writer.RequestLine(wire, "sip:bob@203.0.113.9;x=1"u8);
        transaction.WriteVia(ref writer);
        foreach (string line in extra.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = line.Split(": ");
            writer.Header(Encoding.ASCII.GetBytes(parts[0]), Encoding.ASCII.GetBytes(parts[1]));
        }

        writer.Header(HeaderId.MaxForwards, 69);
        writer.Header(HeaderId.From, "<sip:alice@example.com>;tag=l1"u8);
        writer.Header(HeaderId.To, "<sip:bob@example.com>"u8);
        writer.Header(HeaderId.CallId, "call-1"u8);
        writer.BeginHeader(HeaderId.CSeq);
        writer.Append(7L);
        writer.Append((byte)' ');
        writer.Append(wire);
        writer.EndHeader();
        writer.NoBody();
        transaction.Send(writer.Finish());
        return transaction;
    }

    /// <summary>Gives a response to the table and releases it as the loop would.</summary>
    public bool Receive(SipMessage response, bool reliable = false)
    {
        bool matched = Table.HandleResponse(response, FlowOf(reliable));
        response.Release();
        return matched;
    }

    public RequestMatch Match(SipMessage request, bool reliable = false) => Match(request, FlowOf(reliable));

    public RequestMatch Match(SipMessage request, Flow flow)
    {
        RequestMatch match = Table.HandleRequest(request, flow);
        request.Release();
        return match;
    }

    public ServerTransaction Accept(SipMessage request, bool reliable = false) => Accept(request, FlowOf(reliable));

    public ServerTransaction Accept(SipMessage request, Flow flow)
    {
        Assert.Equal(RequestMatch.New, Table.HandleRequest(request, flow));
        ServerTransaction transaction = Table.CreateServer(request, flow, this);
        request.Release();
        return transaction;
    }

    public void OnResponse(ClientTransaction transaction, SipMessage response) => Told.Add($"{response.StatusCode}");

    public void OnFailed(ClientTransaction transaction, TransactionFailure why) => Told.Add($"failed {why}");

    public void OnTerminated(ClientTransaction transaction) => Told.Add("terminated");

    public void OnCancel(ServerTransaction transaction, SipMessage cancel) => Told.Add("cancel");

    public void OnFailed(ServerTransaction transaction, TransactionFailure why) => Told.Add($"failed {why}");

    public void OnTerminated(ServerTransaction transaction) => Told.Add("terminated");

    public void OnMessage(TransportSet set, in Flow flow, SipBuffer message, bool stream) => throw new NotSupportedException();

    public void OnFlowFailed(in Flow flow) => Table.FlowFailed(flow);

    public void OnFramingError(in Flow flow, SipBuffer partial, FramingError error) => throw new NotSupportedException();

    public void Dispose() => Loop.Dispose();
}
