using Sip.Messages;
using Sip.Transactions;

namespace Sip.Tests.Transactions;

public sealed class InviteClientTransactionTests : IDisposable
{
    private readonly Fixture sip = new();

    public void Dispose() => sip.Dispose();

    [Fact]
    public void Timer_A_doubles_without_a_cap_until_timer_B_fires_at_64_T1()
    {
        sip.SendRequest();
        sip.Move(40_000);

        Assert.Equal([0, 500, 1500, 3500, 7500, 15500, 31500], sip.Udp.Messages.Select(m => m.At));
        Assert.Equal(["failed Timeout", "terminated"], sip.Told);
        Assert.Equal(0, sip.Table.Count);
    }

    [Fact]
    public void Timer_B_fires_at_64_T1_exactly()
    {
        sip.SendRequest();
        sip.Move(31_999);
        Assert.Empty(sip.Told);
        sip.Move(1);
        Assert.Equal(["failed Timeout", "terminated"], sip.Told);
    }

    [Fact]
    public void Over_a_reliable_transport_nothing_is_retransmitted_and_timer_B_still_fires()
    {
        sip.SendRequest(reliable: true);
        sip.Move(32_000);
        Assert.Single(sip.Tcp.Messages);
        Assert.Equal(["failed Timeout", "terminated"], sip.Told);
    }

    [Fact]
    public void Other_timer_values_are_obeyed()
    {
        using Fixture fast = new(new TransactionOptions { Timers = new SipTimerValues { T1 = 100 } });
        fast.SendRequest();
        fast.Move(6400);
        Assert.Equal([0, 100, 300, 700, 1500, 3100, 6300], fast.Udp.Messages.Select(m => m.At));
        Assert.Equal(["failed Timeout", "terminated"], fast.Told);
    }

    [Fact]
    public void A_provisional_response_ends_the_retransmissions_and_the_wait_has_no_limit()
    {
        sip.SendRequest();
        sip.Receive(sip.Response(sip.Udp.Messages[0], 100));
        sip.Receive(sip.Response(sip.Udp.Messages[0], 180));
        sip.Receive(sip.Response(sip.Udp.Messages[0], 183));
        sip.Move(600_000);

        Assert.Single(sip.Udp.Messages);
        Assert.Equal(["100", "180", "183"], sip.Told);
        Assert.Equal(1, sip.Table.Count);
    }

    [Theory]
    [InlineData(false, 300)]
    [InlineData(false, 486)]
    [InlineData(true, 486)]
    [InlineData(true, 699)]
    public void A_300_to_699_is_acknowledged_even_over_a_reliable_transport(bool reliable, int code)
    {
        sip.SendRequest(reliable: reliable);
        Sent invite = sip.SentBy(reliable)[0];
        sip.Receive(sip.Response(invite, code), reliable);

        Assert.Equal([$"{code}"], sip.Told);
        Assert.Equal(2, sip.SentBy(reliable).Count);
        Assert.StartsWith("ACK ", sip.SentBy(reliable)[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_ACK_has_the_INVITEs_Request_URI_Via_Route_From_Call_ID_and_CSeq_number_and_the_responses_To()
    {
        sip.SendRequest(extra: "Route: <sip:p1;lr>\nRoute: <sip:p2;lr>\nRequire: 100rel\nContact: <sip:us@192.0.2.1>");
        Sent invite = sip.Udp.Messages[0];
        sip.Receive(sip.Response(invite, 486, toTag: "other"));
        Sent ack = sip.Udp.Messages[1];

        Assert.Equal("ACK sip:bob@203.0.113.9;x=1 SIP/2.0", ack.StartLine);
        Assert.Equal(invite.Header("Via"), Assert.Single(ack.Headers("Via")));
        Assert.Equal(["<sip:p1;lr>", "<sip:p2;lr>"], ack.Headers("Route"));
        Assert.Equal(invite.Header("From"), ack.Header("From"));
        Assert.Equal("<sip:bob@example.com>;tag=other", ack.Header("To"));
        Assert.Equal("call-1", ack.Header("Call-ID"));
        Assert.Equal("7 ACK", ack.Header("CSeq"));
        Assert.Equal(invite.Flow, ack.Flow);
        Assert.Null(ack.Header("Require"));
        Assert.Null(ack.Header("Contact"));
    }

    [Fact]
    public void A_retransmitted_final_response_gets_the_ACK_again_and_is_not_passed_up()
    {
        sip.SendRequest();
        Sent invite = sip.Udp.Messages[0];
        sip.Receive(sip.Response(invite, 180));
        sip.Receive(sip.Response(invite, 404));
        Assert.True(sip.Receive(sip.Response(invite, 404)));
        Assert.True(sip.Receive(sip.Response(invite, 404)));
        Assert.True(sip.Receive(sip.Response(invite, 180)));

        Assert.Equal(["180", "404"], sip.Told);
        Assert.Equal(3, sip.Udp.Messages.Count(m => m.StartLine.StartsWith("ACK", StringComparison.Ordinal)));
    }

    [Fact]
    public void Timer_D_is_at_least_32_seconds_even_with_a_small_T1()
    {
        using Fixture fast = new(new TransactionOptions { Timers = new SipTimerValues { T1 = 100 } });
        fast.SendRequest();
        fast.Receive(fast.Response(fast.Udp.Messages[0], 404));
        fast.Move(31_999);
        Assert.Equal(["404"], fast.Told);
        fast.Move(1);
        Assert.Equal(["404", "terminated"], fast.Told);
    }

    [Fact]
    public void Timer_D_is_zero_over_a_reliable_transport_but_the_end_never_comes_from_within_the_response()
    {
        sip.SendRequest(reliable: true);
        sip.Receive(sip.Response(sip.Tcp.Messages[0], 404), reliable: true);
        Assert.Equal(["404"], sip.Told);
        sip.Turn();
        Assert.Equal(["404", "terminated"], sip.Told);
    }

    [Fact]
    public void In_Accepted_every_2xx_goes_up_retransmissions_and_forks_alike_until_timer_M()
    {
        sip.SendRequest();
        Sent invite = sip.Udp.Messages[0];
        sip.Receive(sip.Response(invite, 180));
        sip.Receive(sip.Response(invite, 200, toTag: "b1"));
        sip.Receive(sip.Response(invite, 200, toTag: "b1"));
        sip.Receive(sip.Response(invite, 200, toTag: "b2"));
        sip.Receive(sip.Response(invite, 486, toTag: "b3"));
        sip.Receive(sip.Response(invite, 180, toTag: "b4"));
        sip.Move(31_999);
        Assert.Equal(["180", "200", "200", "200"], sip.Told);

        sip.Move(1);
        Assert.Equal(["180", "200", "200", "200", "terminated"], sip.Told);
        Assert.False(sip.Receive(sip.Response(invite, 200)));
        Assert.Single(sip.Udp.Messages);
    }

    [Fact]
    public void The_transaction_never_acknowledges_a_2xx()
    {
        sip.SendRequest(reliable: true);
        sip.Receive(sip.Response(sip.Tcp.Messages[0], 200), reliable: true);
        sip.Move(32_000);
        Assert.Single(sip.Tcp.Messages);
        Assert.Equal(["200", "terminated"], sip.Told);
    }

    [Fact]
    public void A_transport_error_in_Calling_is_told_at_once()
    {
        sip.SendRequest();
        sip.Table.FlowFailed(sip.UdpFlow);
        Assert.Equal(["failed Transport", "terminated"], sip.Told);
        Assert.Equal(0, sip.Table.Count);
        Assert.Equal(0, sip.Loop.Timers.Count);
    }

    [Fact]
    public void A_transport_error_in_Proceeding_and_Accepted_changes_nothing()
    {
        sip.SendRequest();
        sip.Receive(sip.Response(sip.Udp.Messages[0], 180));
        sip.Table.FlowFailed(sip.UdpFlow);
        sip.Receive(sip.Response(sip.Udp.Messages[0], 200));
        sip.Table.FlowFailed(sip.UdpFlow);
        Assert.Equal(["180", "200"], sip.Told);
    }

    [Fact]
    public void A_transport_error_in_Completed_ends_the_transaction()
    {
        sip.SendRequest();
        sip.Receive(sip.Response(sip.Udp.Messages[0], 486));
        sip.Table.FlowFailed(sip.UdpFlow);
        Assert.Equal(["486", "terminated"], sip.Told);
    }

    [Fact]
    public void A_flow_that_failed_elsewhere_concerns_nobody_here()
    {
        sip.SendRequest();
        sip.Table.FlowFailed(sip.TcpFlow);
        sip.Table.FlowFailed(new Sip.Transports.Flow(sip.Udp, default, Fixture.Address("203.0.113.9:40002")));
        Assert.Empty(sip.Told);
    }

    [Fact]
    public void CANCEL_waits_for_a_provisional_response()
    {
        ClientTransaction transaction = sip.SendRequest();
        transaction.Cancel();
        Assert.Single(sip.Udp.Messages);

        sip.Receive(sip.Response(sip.Udp.Messages[0], 100));
        Assert.Equal("CANCEL sip:bob@203.0.113.9;x=1 SIP/2.0", sip.Udp.Messages[1].StartLine);
    }

    [Fact]
    public void CANCEL_has_the_INVITEs_headers_and_branch_and_carries_the_reason()
    {
        ClientTransaction transaction = sip.SendRequest(extra: "Route: <sip:p1;lr>\nRequire: 100rel\nProxy-Require: x");
        Sent invite = sip.Udp.Messages[0];
        sip.Receive(sip.Response(invite, 180));
        transaction.Cancel("SIP;cause=200;text=\"Call completed elsewhere\""u8);
        Sent cancel = sip.Udp.Messages[1];

        Assert.Equal(invite.Header("Via"), Assert.Single(cancel.Headers("Via")));
        Assert.Equal("<sip:p1;lr>", cancel.Header("Route"));
        Assert.Equal(invite.Header("From"), cancel.Header("From"));
        Assert.Equal(invite.Header("To"), cancel.Header("To"));
        Assert.Equal("call-1", cancel.Header("Call-ID"));
        Assert.Equal("7 CANCEL", cancel.Header("CSeq"));
        Assert.Equal("SIP;cause=200;text=\"Call completed elsewhere\"", cancel.Header("Reason"));
        Assert.Null(cancel.Header("Require"));
        Assert.Null(cancel.Header("Proxy-Require"));
        Assert.Equal(invite.Flow, cancel.Flow);
    }

    [Fact]
    public void The_200_to_the_CANCEL_matches_the_CANCEL_alone_and_the_487_ends_the_INVITE()
    {
        ClientTransaction transaction = sip.SendRequest();
        Sent invite = sip.Udp.Messages[0];
        sip.Receive(sip.Response(invite, 180));
        transaction.Cancel();
        transaction.Cancel();
        Assert.Equal(2, sip.Udp.Messages.Count);

        Assert.True(sip.Receive(sip.Response(invite, 200, cseq: "7 CANCEL")));
        Assert.Equal(["180"], sip.Told);
        sip.Receive(sip.Response(invite, 487));
        Assert.Equal(["180", "487"], sip.Told);
        sip.Move(32_000);
        Assert.Equal(["180", "487", "terminated"], sip.Told);
        Assert.Equal(3, sip.Udp.Messages.Count);
    }

    [Fact]
    public void CANCEL_is_retransmitted_until_it_is_answered()
    {
        ClientTransaction transaction = sip.SendRequest();
        sip.Receive(sip.Response(sip.Udp.Messages[0], 180));
        transaction.Cancel();
        sip.Move(1500);
        Assert.Equal(3, sip.Udp.Messages.Count(m => m.StartLine.StartsWith("CANCEL", StringComparison.Ordinal)));
    }

    [Fact]
    public void Without_a_final_response_64_T1_after_the_CANCEL_the_INVITE_is_given_up()
    {
        ClientTransaction transaction = sip.SendRequest();
        Sent invite = sip.Udp.Messages[0];
        sip.Receive(sip.Response(invite, 180));
        transaction.Cancel();
        sip.Receive(sip.Response(invite, 200, cseq: "7 CANCEL"));
        sip.Move(31_999);
        Assert.Equal(["180"], sip.Told);
        sip.Move(1);
        Assert.Equal(["180", "failed Timeout", "terminated"], sip.Told);
        Assert.Equal(0, sip.Loop.Timers.Count);
    }

    [Fact]
    public void A_2xx_that_crosses_the_CANCEL_goes_up_and_no_CANCEL_follows_a_final_response()
    {
        ClientTransaction transaction = sip.SendRequest();
        transaction.Cancel();
        sip.Receive(sip.Response(sip.Udp.Messages[0], 200));
        transaction.Cancel();
        Assert.Equal(["200"], sip.Told);
        Assert.Single(sip.Udp.Messages);
    }

    [Fact]
    public void A_final_response_without_a_provisional_one_ends_a_waiting_CANCEL()
    {
        ClientTransaction transaction = sip.SendRequest();
        transaction.Cancel();
        sip.Receive(sip.Response(sip.Udp.Messages[0], 486));
        sip.Move(32_000);
        Assert.Equal(["ACK"], sip.Udp.Messages.Skip(1).Select(m => m.Text[..3]));
    }

    [Fact]
    public void A_CANCEL_before_anything_was_sent_lets_the_transaction_go()
    {
        ClientTransaction transaction = sip.Table.CreateClient(SipMethod.Invite, sip.UdpFlow, sip);
        transaction.Cancel();
        Assert.Equal(["terminated"], sip.Told);
        Assert.Equal(0, sip.Table.Count);
    }
}
