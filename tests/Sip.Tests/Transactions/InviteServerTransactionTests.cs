using Sip.Transactions;

namespace Sip.Tests.Transactions;

public sealed class InviteServerTransactionTests : IDisposable
{
    private readonly Fixture sip = new();

    public void Dispose() => sip.Dispose();

    [Fact]
    public void A_100_goes_out_if_the_user_has_sent_nothing_in_200_ms()
    {
        sip.Accept(sip.Request());
        sip.Move(199);
        Assert.Empty(sip.Udp.Messages);
        sip.Move(1);
        Assert.Equal("SIP/2.0 100 Trying", Assert.Single(sip.Udp.Messages).StartLine);
        sip.Move(60_000);
        Assert.Single(sip.Udp.Messages);
    }

    [Fact]
    public void No_100_goes_out_once_the_user_has_responded()
    {
        sip.Accept(sip.Request()).Respond(180);
        sip.Move(1000);
        Assert.Equal(["SIP/2.0 180 Ringing"], sip.Udp.Messages.Select(m => m.StartLine));
    }

    [Fact]
    public void In_Proceeding_a_retransmission_gets_the_latest_provisional_response()
    {
        ServerTransaction transaction = sip.Accept(sip.Request());
        Assert.Equal(RequestMatch.Absorbed, sip.Match(sip.Request()));
        transaction.Respond(180);
        transaction.Respond(183);
        Assert.Equal(RequestMatch.Absorbed, sip.Match(sip.Request()));
        Assert.Equal(["100", "180", "183", "183"], sip.Udp.Messages.Select(m => m.Text[8..11]));
    }

    [Fact]
    public void Timer_G_doubles_up_to_T2_until_timer_H_tells_the_user_at_64_T1()
    {
        sip.Accept(sip.Request()).Respond(486);
        sip.Move(40_000);
        Assert.Equal([0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500], sip.Udp.Messages.Select(m => m.At));
        Assert.Equal(["failed Timeout", "terminated"], sip.Told);
        Assert.Equal(0, sip.Table.Count);
    }

    [Fact]
    public void Over_a_reliable_transport_there_is_no_timer_G_and_timer_H_still_fires()
    {
        sip.Accept(sip.Request(), reliable: true).Respond(486);
        sip.Move(32_000);
        Assert.Single(sip.Tcp.Messages);
        Assert.Equal(["failed Timeout", "terminated"], sip.Told);
    }

    [Fact]
    public void In_Completed_a_retransmission_gets_the_final_response_and_a_second_final_is_dropped()
    {
        ServerTransaction transaction = sip.Accept(sip.Request());
        transaction.Respond(486);
        transaction.Respond(200);
        transaction.Respond(180);
        sip.Match(sip.Request());
        Assert.Equal(["486", "486"], sip.Udp.Messages.Select(m => m.Text[8..11]));
        Assert.True(transaction.FinalSent);
    }

    [Fact]
    public void The_ACK_ends_the_retransmissions_and_timer_I_of_T4_absorbs_further_ACKs()
    {
        sip.Accept(sip.Request()).Respond(486);
        Assert.Equal(RequestMatch.Absorbed, sip.Match(sip.Request("ACK", toTag: "x")));
        Assert.Equal(RequestMatch.Absorbed, sip.Match(sip.Request("ACK", toTag: "x")));
        Assert.Equal(RequestMatch.Absorbed, sip.Match(sip.Request()));
        sip.Move(4999);
        Assert.Single(sip.Udp.Messages);
        Assert.Empty(sip.Told);
        sip.Move(1);
        Assert.Equal(["terminated"], sip.Told);
        Assert.Equal(RequestMatch.Ack2xx, sip.Match(sip.Request("ACK", toTag: "x")));
    }

    [Fact]
    public void Timer_I_is_zero_over_a_reliable_transport()
    {
        sip.Accept(sip.Request(), reliable: true).Respond(486);
        sip.Match(sip.Request("ACK", toTag: "x"), reliable: true);
        sip.Turn();
        Assert.Equal(["terminated"], sip.Told);
    }

    [Fact]
    public void In_Accepted_the_INVITE_is_absorbed_silently_and_ACKs_go_to_the_user_until_timer_L()
    {
        ServerTransaction transaction = sip.Accept(sip.Request());
        transaction.Respond(200);
        Assert.Equal(RequestMatch.Absorbed, sip.Match(sip.Request()));
        Assert.Equal(RequestMatch.Ack2xx, sip.Match(sip.Request("ACK", toTag: "x")));
        Assert.Equal(RequestMatch.Ack2xx, sip.Match(sip.Request("ACK", branch: "z9hG4bKother", toTag: "x")));
        sip.Move(31_999);
        Assert.Single(sip.Udp.Messages);
        Assert.Empty(sip.Told);
        sip.Move(1);
        Assert.Equal(["terminated"], sip.Told);
    }

    [Fact]
    public void In_Accepted_a_2xx_of_the_user_is_sent_and_any_other_response_dropped()
    {
        ServerTransaction transaction = sip.Accept(sip.Request());
        transaction.Respond(200);
        transaction.Respond(200);
        transaction.Respond(486);
        transaction.Respond(180);
        Assert.Equal(["200", "200"], sip.Udp.Messages.Select(m => m.Text[8..11]));
    }

    [Fact]
    public void Timer_L_is_64_T1_over_a_reliable_transport_too()
    {
        sip.Accept(sip.Request(), reliable: true).Respond(200);
        sip.Move(31_999);
        Assert.Empty(sip.Told);
        sip.Move(1);
        Assert.Equal(["terminated"], sip.Told);
    }

    [Theory]
    [InlineData(180)]
    [InlineData(200)]
    [InlineData(486)]
    public void A_transport_error_is_told_and_the_transaction_stays(int code)
    {
        sip.Accept(sip.Request()).Respond(code);
        sip.Table.FlowFailed(sip.UdpFlow);
        Assert.Equal(["failed Transport"], sip.Told);
        Assert.Equal(RequestMatch.Absorbed, sip.Match(sip.Request()));
    }

    [Fact]
    public void An_ACK_before_any_final_response_is_absorbed_and_changes_nothing()
    {
        ServerTransaction transaction = sip.Accept(sip.Request());
        Assert.Equal(RequestMatch.Absorbed, sip.Match(sip.Request("ACK", toTag: "x")));
        Assert.Equal(TransactionState.Proceeding, transaction.State);
    }
}
