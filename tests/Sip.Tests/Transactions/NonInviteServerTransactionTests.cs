using Sip.Transactions;

namespace Sip.Tests.Transactions;

public sealed class NonInviteServerTransactionTests : IDisposable
{
    private readonly Fixture sip = new();

    public void Dispose() => sip.Dispose();

    [Fact]
    public void In_Trying_a_retransmission_is_discarded_and_no_100_is_sent()
    {
        sip.Accept(sip.Request("OPTIONS"));
        Assert.Equal(RequestMatch.Absorbed, sip.Match(sip.Request("OPTIONS")));
        sip.Move(60_000);
        Assert.Empty(sip.Udp.Messages);
        Assert.Equal(1, sip.Table.Count);
    }

    [Fact]
    public void In_Proceeding_a_retransmission_gets_the_latest_provisional_response()
    {
        ServerTransaction transaction = sip.Accept(sip.Request("OPTIONS"));
        transaction.Respond(100);
        transaction.Respond(182);
        sip.Match(sip.Request("OPTIONS"));
        Assert.Equal(["100", "182", "182"], sip.Udp.Messages.Select(m => m.Text[8..11]));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(500)]
    public void In_Completed_a_retransmission_gets_the_final_response_until_timer_J(int code)
    {
        ServerTransaction transaction = sip.Accept(sip.Request("MESSAGE"));
        transaction.Respond(code);
        transaction.Respond(404);
        sip.Move(31_999);
        Assert.Equal(RequestMatch.Absorbed, sip.Match(sip.Request("MESSAGE")));
        Assert.Equal([$"{code}", $"{code}"], sip.Udp.Messages.Select(m => m.Text[8..11]));
        Assert.Empty(sip.Told);
        sip.Move(1);
        Assert.Equal(["terminated"], sip.Told);
        Assert.Equal(RequestMatch.New, sip.Match(sip.Request("MESSAGE")));
    }

    [Fact]
    public void Timer_J_is_zero_over_a_reliable_transport_but_the_end_never_comes_from_within_Respond()
    {
        sip.Accept(sip.Request("MESSAGE"), reliable: true).Respond(200);
        Assert.Empty(sip.Told);
        sip.Turn();
        Assert.Equal(["terminated"], sip.Told);
    }

    [Fact]
    public void A_final_response_after_a_provisional_one_completes_it()
    {
        ServerTransaction transaction = sip.Accept(sip.Request("OPTIONS"));
        transaction.Respond(100);
        transaction.Respond(200);
        Assert.Equal(TransactionState.Completed, transaction.State);
    }

    [Fact]
    public void A_transport_error_is_told_and_the_transaction_stays()
    {
        sip.Accept(sip.Request("MESSAGE")).Respond(200);
        sip.Table.FlowFailed(sip.UdpFlow);
        Assert.Equal(["failed Transport"], sip.Told);
        Assert.Equal(RequestMatch.Absorbed, sip.Match(sip.Request("MESSAGE")));
    }
}
