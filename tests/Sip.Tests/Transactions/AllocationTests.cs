using Sip.Messages;
using Sip.Transactions;

namespace Sip.Tests.Transactions;

/// <summary>After warm-up a transaction costs no allocation: neither making, matching, answering nor ending it.</summary>
public sealed class AllocationTests : IDisposable
{
    private const int WarmUp = 2000;
    private readonly Fixture sip = new();
    private readonly Silent silent = new();

    public AllocationTests() => sip.Udp.Keeps = sip.Tcp.Keeps = false;

    public void Dispose() => sip.Dispose();

    [Fact]
    public void A_server_transaction_from_match_to_end_allocates_nothing()
    {
        SipMessage request = sip.Request("OPTIONS");
        Assert.Equal(0, Measure(() =>
        {
            sip.Table.HandleRequest(request, sip.TcpFlow);
            ServerTransaction transaction = sip.Table.CreateServer(request, sip.TcpFlow, silent);
            sip.Table.HandleRequest(request, sip.TcpFlow);
            transaction.Respond(200);
            sip.Turn();
        }));
        Assert.Equal(0, sip.Table.Count);
    }

    [Fact]
    public void An_INVITE_server_transaction_with_its_retransmission_and_ACK_allocates_nothing()
    {
        SipMessage request = sip.Request();
        SipMessage ack = sip.Request("ACK", toTag: "x");
        Assert.Equal(0, Measure(() =>
        {
            ServerTransaction transaction = sip.Table.CreateServer(request, sip.TcpFlow, silent);
            transaction.Respond(180);
            sip.Table.HandleRequest(request, sip.TcpFlow);
            transaction.Respond(486);
            sip.Table.HandleRequest(ack, sip.TcpFlow);
            sip.Turn();
        }));
        Assert.Equal(0, sip.Table.Count);
    }

    [Fact]
    public void A_client_transaction_and_the_match_of_its_response_allocate_nothing()
    {
        Assert.Equal(0, Measure(() =>
        {
            ClientTransaction transaction = sip.Table.CreateClient(SipMethod.Invite, sip.TcpFlow, silent);
            SipWriter request = new(sip.Loop.Buffers);
            WriteInvite(ref request, transaction);
            transaction.Send(request.Finish());

            SipWriter writer = new(sip.Loop.Buffers);
            writer.StatusLine(486, default);
            transaction.WriteVia(ref writer);
            writer.Header(HeaderId.From, "<sip:a@x>;tag=1"u8);
            writer.Header(HeaderId.To, "<sip:b@x>;tag=2"u8);
            writer.Header(HeaderId.CallId, "1"u8);
            writer.Header(HeaderId.CSeq, "1 INVITE"u8);
            writer.NoBody();
            SipMessage response = sip.MessagePool.Rent();
            SipParser.Parse(writer.Finish(), stream: false, response, SipLimits.Default);
            sip.Table.HandleResponse(response, sip.TcpFlow);
            response.Release();
            sip.Turn();
        }));
        Assert.Equal(0, sip.Table.Count);
        Assert.Equal(WarmUp * 2, silent.Responses);
    }

    [Fact]
    public void A_stateless_answer_allocates_nothing()
    {
        SipMessage request = sip.Request();
        Assert.Equal(0, Measure(() => sip.Table.Stateless.Respond(request, sip.UdpFlow, 401)));
    }

    [Fact]
    public void Ten_thousand_INVITEs_refused_before_authentication_leave_the_memory_where_it_was()
    {
        SipMessage[] requests = [.. Enumerable.Range(0, 100).Select(i => sip.Request(branch: $"z9hG4bK{i}", callId: $"c{i}"))];
        int next = 0;
        int unknown = 0;
        Assert.Equal(0, Measure(() =>
        {
            for (int i = 0; i < 10; i++)
            {
                SipMessage request = requests[next++ % requests.Length];
                unknown += sip.Table.HandleRequest(request, sip.UdpFlow) == RequestMatch.New ? 1 : 0;
                sip.Table.Stateless.Respond(request, sip.UdpFlow, 407);
            }
        }));
        Assert.Equal(0, sip.Table.Count);
        Assert.Equal(0, sip.Loop.Timers.Count);
        Assert.Equal(WarmUp * 2 * 10, unknown);
        Assert.Equal(WarmUp * 2 * 10, sip.Udp.Count);
    }

    private static void WriteInvite(ref SipWriter writer, ClientTransaction transaction)
    {
        writer.RequestLine("INVITE"u8, "sip:b@x"u8);
        transaction.WriteVia(ref writer);
        writer.Header(HeaderId.From, "<sip:a@x>;tag=1"u8);
        writer.Header(HeaderId.To, "<sip:b@x>"u8);
        writer.Header(HeaderId.CallId, "1"u8);
        writer.Header(HeaderId.CSeq, "1 INVITE"u8);
        writer.NoBody();
    }

    private static long Measure(Action action)
    {
        for (int i = 0; i < WarmUp; i++)
        {
            action();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < WarmUp; i++)
        {
            action();
        }

        // A buffer pool may add a shelf segment once in a while; a single octet for each round would be 2,000.
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return allocated < WarmUp ? 0 : allocated;
    }

    private sealed class Silent : IServerTransactionUser, IClientTransactionUser
    {
        public int Responses { get; private set; }

        public void OnCancel(ServerTransaction transaction, SipMessage cancel)
        {
        }

        public void OnFailed(ServerTransaction transaction, TransactionFailure why)
        {
        }

        public void OnTerminated(ServerTransaction transaction)
        {
        }

        public void OnResponse(ClientTransaction transaction, SipMessage response) => Responses++;

        public void OnFailed(ClientTransaction transaction, TransactionFailure why)
        {
        }

        public void OnTerminated(ClientTransaction transaction)
        {
        }
    }
}
