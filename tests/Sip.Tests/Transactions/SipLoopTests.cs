using System.Net;
using System.Text;
using Sip.Dialogs;
using Sip.Messages;
using Sip.Transactions;
using Sip.Transports;

namespace Sip.Tests.Transactions;

public sealed class SipLoopTests : IAsyncLifetime, IAsyncDisposable, ISipUser, IDialogUser
{
    private readonly ManualTime time = new();
    private readonly List<RecordingTransport> transports = [];
    private readonly List<string> given = [];
    private SipStack? stack;

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        if (stack is not null)
        {
            await stack.DisposeAsync();
        }
    }

    [Fact]
    public void A_new_request_is_given_to_the_user_without_a_transaction()
    {
        Start(1);
        Receive(Request());
        Assert.Equal(["INVITE on 0"], given);
        Assert.Equal(0, stack!.Loops[0].Transactions.Count);
    }

    [Theory]
    [InlineData("Max-Forwards: 70", "Max-Forwards: 300", "SIP/2.0 400 Malformed Max-Forwards")]
    [InlineData("CSeq: 1 INVITE", "CSeq: 1 BYE", "SIP/2.0 400 CSeq Method Does Not Match")]
    [InlineData("Content-Length: 0", "Content-Length: 5", "SIP/2.0 400 Body Shorter Than Content-Length")]
    [InlineData("sip:bob@example.com SIP/2.0", "sip:bob@example.com SIP/7.0", "SIP/2.0 505 Version Not Supported")]
    [InlineData("INVITE sip:bob@example.com", "INVITE nobodyKnowsThis:x", "SIP/2.0 416 Unsupported URI Scheme")]
    [InlineData("INVITE sip:bob@example.com", "INVITE soap.beep://192.0.2.103:3002", "SIP/2.0 416 Unsupported URI Scheme")]
    [InlineData("To: <sip:bob@example.com>", "To: <sip:bob@example.com>;tag=gone", "SIP/2.0 481")]
    public void A_request_that_is_wrong_is_answered_with_what_is_wrong(string right, string wrong, string expected)
    {
        Start(1);
        Receive(Request().Replace(right, wrong, StringComparison.Ordinal));
        Assert.StartsWith(expected, Assert.Single(transports[0].Messages).StartLine, StringComparison.Ordinal);
        Assert.Empty(given);
        Assert.Equal(0, stack!.Loops[0].Transactions.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\0\0\0\0")]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("INVITE sip:bob@example.com SIP/2.0\r\n\r\n")]
    [InlineData("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\nFrom: <sip:a@x>;tag=1\r\nTo: <sip:b@x>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("ACK sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\nFrom: <sip:a@x>;tag=1\r\nTo: <sip:b@x>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 ACK\r\nContent-Length: 9\r\n\r\n")]
    [InlineData("ACK sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\nFrom: <sip:a@x>;tag=1\r\nTo: <sip:b@x>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n")]
    public void What_is_no_SIP_matches_nothing_or_cannot_be_answered_meets_silence(string octets)
    {
        Start(1);
        Receive(octets);
        Assert.Empty(transports[0].Messages);
        Assert.Empty(given);
    }

    [Fact]
    public void A_CANCEL_of_nothing_gets_481()
    {
        Start(1);
        Receive(Request("CANCEL"));
        Assert.StartsWith("SIP/2.0 481", transports[0].Messages[0].StartLine, StringComparison.Ordinal);
    }

    [Fact]
    public void A_merged_request_gets_482()
    {
        Start(1);
        OnNew = (loop, request, flow) => loop.Transactions.CreateServer(request, flow, new Quiet());
        Receive(Request());
        Receive(Request(branch: "z9hG4bKotherpath"));
        Assert.Equal(["INVITE on 0"], given);
        Assert.StartsWith("SIP/2.0 482", transports[0].Messages[0].StartLine, StringComparison.Ordinal);
    }

    [Fact]
    public void With_a_full_table_new_requests_get_503_with_Retry_After_and_what_exists_goes_on()
    {
        Start(1, new TransactionOptions { MaxTransactions = 1 });
        OnNew = (loop, request, flow) => loop.Transactions.CreateServer(request, flow, new Quiet());
        Receive(Request());
        Receive(Request(branch: "z9hG4bK2", callId: "c2"));
        Sent refused = Assert.Single(transports[0].Messages);
        Assert.StartsWith("SIP/2.0 503", refused.StartLine, StringComparison.Ordinal);
        Assert.Equal("10", refused.Header("Retry-After"));

        Receive(Request("CANCEL"));
        Assert.StartsWith("SIP/2.0 200", transports[0].Messages[1].StartLine, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exception_of_the_user_becomes_500_and_the_loop_goes_on()
    {
        Start(1);
        OnNew = (_, _, _) => throw new InvalidOperationException("on purpose");
        Receive(Request());
        OnNew = (loop, request, flow) =>
        {
            loop.Transactions.CreateServer(request, flow, new Quiet());
            throw new InvalidOperationException("on purpose");
        };
        Receive(Request(branch: "z9hG4bK2", callId: "c2"));
        OnNew = (loop, request, flow) => loop.RespondStateless(request, flow, 404);
        Receive(Request(branch: "z9hG4bK3", callId: "c3"));
        Assert.Equal(["500", "500", "404"], transports[0].Messages.Select(m => m.Text[8..11]));
    }

    [Fact]
    public void A_request_inside_a_dialog_goes_to_its_user_and_only_with_the_right_tags_and_order()
    {
        Start(1);
        string tag = "";
        OnNew = (loop, request, flow) =>
        {
            ServerTransaction transaction = loop.Transactions.CreateServer(request, flow, new Quiet());
            tag = Encoding.ASCII.GetString(loop.Dialogs.CreateFromRequest(transaction, this).LocalTag);
            transaction.Respond(200);
        };
        Receive(Request());
        Receive(Request("ACK", toTag: tag, branch: "z9hG4bKack"));
        Receive(Request("INFO", toTag: tag, branch: "z9hG4bK2", cseq: 5));
        Receive(Request("INFO", toTag: tag, branch: "z9hG4bK3", cseq: 4));
        Receive(Request("BYE", toTag: tag, branch: "z9hG4bK4", cseq: 6, callId: "other"));
        Receive(Request("BYE", toTag: tag, branch: "z9hG4bK5", cseq: 6));
        Assert.Equal(["INVITE on 0", "dialog ACK", "dialog INFO", "dialog BYE"], given);
        Assert.Equal(["200", "500", "481"], transports[0].Messages.Select(m => m.Text[8..11]));
    }

    [Fact]
    public void The_requests_of_a_call_reach_one_loop_whatever_loop_receives_them()
    {
        Start(4);
        for (int i = 0; i < 40; i++)
        {
            Receive(Request(branch: $"z9hG4bK{i}", callId: $"c{i / 4}"), on: i % 4);
        }

        Assert.Equal(40, given.Count);
        for (int call = 0; call < 10; call++)
        {
            Assert.Single(given.Skip(call * 4).Take(4).Distinct());
        }

        Assert.True(given.Distinct().Count() > 1);
    }

    [Fact]
    public void A_response_reaches_the_loop_that_its_branch_names()
    {
        Start(3);
        Counting user = new();
        SipLoop owner = stack!.Loops[2];
        RecordingTransport transport = transports[2];
        Flow flow = new(transport, transport.Point.Address, Fixture.Address("203.0.113.9:5060"));
        ClientTransaction transaction = owner.Transactions.CreateClient(SipMethod.Options, flow, user);
        SipWriter writer = new(owner.EventLoop.Buffers);
        writer.RequestLine("OPTIONS"u8, "sip:x"u8);
        transaction.WriteVia(ref writer);
        writer.NoBody();
        transaction.Send(writer.Finish());
        string via = transport.Messages[0].Header("Via")!;
        Receive($"SIP/2.0 200 OK\r\nVia: {via}\r\nFrom: <sip:a@x>;tag=1\r\nTo: <sip:b@x>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n", on: 0);
        Assert.Equal(1, user.Responses);
    }

    void ISipUser.OnRequest(SipLoop loop, SipMessage request, in Flow flow)
    {
        given.Add($"{Encoding.ASCII.GetString(request.MethodName)} on {loop.EventLoop.Number}");
        OnNew?.Invoke(loop, request, flow);
    }

    void IDialogUser.OnRequest(Dialog dialog, ServerTransaction transaction) => given.Add($"dialog {Encoding.ASCII.GetString(transaction.Request.MethodName)}");

    void IDialogUser.OnAck(Dialog dialog, SipMessage ack, in Flow flow) => given.Add("dialog ACK");

    private Action<SipLoop, SipMessage, Flow>? OnNew { get; set; }

    private static string Request(string method = "INVITE", string branch = "z9hG4bKaaa", string toTag = "", string callId = "c1", uint cseq = 1) =>
        $"{method} sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 203.0.113.9:5060;branch={branch};rport\r\nMax-Forwards: 70\r\n"
        + $"From: Alice <sip:alice@example.com>;tag=a1\r\nTo: <sip:bob@example.com>{(toTag.Length > 0 ? ";tag=" + toTag : "")}\r\n"
        + $"Call-ID: {callId}\r\nCSeq: {cseq} {method}\r\nContact: <sip:alice@203.0.113.9>\r\nContent-Length: 0\r\n\r\n";

    private void Start(int loops, TransactionOptions? transactions = null)
    {
        stack = new SipStack(
            new SipStackOptions
            {
                EventLoops = loops,
                Points = [new ListeningPoint { Token = "UDP", Bind = IPEndPoint.Parse("192.0.2.1:5060") }],
                Transactions = transactions ?? new TransactionOptions(),
                CreateLoop = i => new EventLoop(i, new EventLoopOptions { Time = time, Poller = EventLoopOptions.WithoutSockets() }),
                OpenPoint = (sets, point) =>
                {
                    foreach (TransportSet set in sets)
                    {
                        RecordingTransport transport = new(point, set);
                        set.Add(transport);
                        transports.Add(transport);
                    }

                    return point;
                },
            },
            this);
        stack.Open();
    }

    private void Receive(string text, int on = 0)
    {
        SipLoop loop = stack!.Loops[on];
        byte[] octets = Encoding.UTF8.GetBytes(text);
        SipBuffer buffer = loop.EventLoop.Buffers.Rent(Math.Max(1, octets.Length));
        octets.CopyTo(buffer.Array, 0);
        buffer.Length = octets.Length;
        Flow flow = new(transports[on], transports[on].Point.Address, Fixture.Address("203.0.113.9:5060"));
        loop.Transports.Deliver(flow, buffer, stream: false);
        foreach (SipLoop other in stack.Loops)
        {
            other.EventLoop.Turn(0);
        }
    }

    private sealed class Quiet : IServerTransactionUser
    {
        public void OnCancel(ServerTransaction transaction, SipMessage cancel)
        {
        }

        public void OnFailed(ServerTransaction transaction, TransactionFailure why)
        {
        }

        public void OnTerminated(ServerTransaction transaction)
        {
        }
    }

    private sealed class Counting : IClientTransactionUser
    {
        public int Responses { get; private set; }

        public void OnResponse(ClientTransaction transaction, SipMessage response) => Responses++;

        public void OnFailed(ClientTransaction transaction, TransactionFailure why)
        {
        }

        public void OnTerminated(ClientTransaction transaction)
        {
        }
    }
}
