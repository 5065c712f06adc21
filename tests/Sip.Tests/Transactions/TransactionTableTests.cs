using System.Text;
using Sip.Messages;
using Sip.Transactions;
using Sip.Transports;

namespace Sip.Tests.Transactions;

public sealed class TransactionTableTests : IDisposable
{
    private readonly Fixture sip = new();

    public void Dispose() => sip.Dispose();

    [Fact]
    public void A_response_must_match_the_branch_and_the_method_of_CSeq()
    {
        sip.SendRequest();
        Sent invite = sip.Udp.Messages[0];
        Assert.False(sip.Receive(sip.Response(invite, 200, cseq: "7 BYE")));
        Assert.False(sip.Receive(sip.Response(invite, 200, cseq: "7 CANCEL")));
        Assert.Empty(sip.Told);
        Assert.True(sip.Receive(sip.Response(invite, 200)));
    }

    [Fact]
    public void A_response_to_a_method_without_rules_must_name_it()
    {
        sip.SendRequest(SipMethod.Unknown, name: "FROB");
        Sent request = sip.Udp.Messages[0];
        Assert.False(sip.Receive(sip.Response(request, 200, cseq: "7 FROBS")));
        Assert.True(sip.Receive(sip.Response(request, 200)));
    }

    [Fact]
    public void A_stale_branch_finds_nothing_though_its_slot_is_used_again()
    {
        sip.SendRequest(SipMethod.Options, reliable: true);
        Sent first = sip.Tcp.Messages[0];
        sip.Receive(sip.Response(first, 200), reliable: true);
        sip.Turn();
        sip.SendRequest(SipMethod.Options, reliable: true);
        sip.Told.Clear();

        Assert.False(sip.Receive(sip.Response(first, 200), reliable: true));
        Assert.Empty(sip.Told);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(17)]
    [InlineData(38)]
    public void A_forged_branch_finds_nothing(int digit)
    {
        sip.SendRequest();
        char[] via = sip.Udp.Messages[0].Header("Via")!.ToCharArray();
        int at = new string(via).IndexOf("z9hG4bK", StringComparison.Ordinal) + digit;
        via[at] = via[at] == '0' ? '1' : '0';
        Assert.False(sip.Receive(sip.Response(sip.Udp.Messages[0], 200, via: new string(via))));
    }

    [Fact]
    public void A_response_with_two_Vias_is_dropped()
    {
        sip.SendRequest();
        Sent invite = sip.Udp.Messages[0];
        Assert.False(sip.Receive(sip.Response(invite, 200, via: invite.Header("Via") + ", SIP/2.0/UDP 198.51.100.1;branch=z9hG4bKx")));
        Assert.Empty(sip.Told);
    }

    [Fact]
    public void The_branch_carries_loop_number_cookie_and_slot()
    {
        ClientTransaction transaction = sip.SendRequest();
        Assert.StartsWith("z9hG4bK03", Encoding.ASCII.GetString(transaction.Branch), StringComparison.Ordinal);
        Assert.True(LoopIds.TryGetLoop(transaction.Branch, out int loop));
        Assert.Equal(3, loop);
    }

    [Fact]
    public void Many_client_transactions_are_told_apart()
    {
        for (int i = 0; i < 1000; i++)
        {
            sip.SendRequest(SipMethod.Options);
        }

        Assert.Equal(1000, sip.Table.Count);
        foreach (Sent sent in sip.Udp.Messages.ToArray())
        {
            Assert.True(sip.Receive(sip.Response(sent, 200)));
        }

        Assert.Equal(1000, sip.Told.Count);
        sip.Move(5000);
        Assert.Equal(0, sip.Table.Count);
        Assert.Equal(0, sip.Loop.Timers.Count);
    }

    [Fact]
    public void The_same_branch_from_another_sent_by_is_another_transaction()
    {
        sip.Accept(sip.Request());
        Assert.Equal(RequestMatch.Absorbed, sip.Match(sip.Request()));
        Assert.Equal(RequestMatch.New, sip.Match(sip.Request(sentBy: "203.0.113.9:5061", callId: "c2")));
        Assert.Equal(RequestMatch.New, sip.Match(sip.Request(sentBy: "phone.example", callId: "c3")));
    }

    [Fact]
    public void The_same_branch_with_another_method_is_another_transaction()
    {
        sip.Accept(sip.Request("OPTIONS"));
        Assert.Equal(RequestMatch.New, sip.Match(sip.Request("MESSAGE")));
        Assert.Equal(RequestMatch.New, sip.Match(sip.Request("FROB")));
        sip.Accept(sip.Request("FROB"));
        Assert.Equal(RequestMatch.Absorbed, sip.Match(sip.Request("FROB")));
        Assert.Equal(RequestMatch.New, sip.Match(sip.Request("FROC")));
    }

    [Fact]
    public void An_RFC_3261_branch_matches_whatever_the_other_headers_say()
    {
        sip.Accept(sip.Request()).Respond(486);
        Assert.Equal(RequestMatch.Absorbed, sip.Match(sip.Request("ACK", toTag: "anything", uri: "sip:elsewhere@example.com")));
    }

    [Fact]
    public void An_RFC_2543_INVITE_matches_by_its_headers()
    {
        sip.Accept(sip.Request(branch: ""));
        Assert.Equal(RequestMatch.Absorbed, sip.Match(sip.Request(branch: "")));
        Assert.Equal(RequestMatch.New, sip.Match(sip.Request(branch: "", uri: "sip:carol@example.com", cseq: 2)));
        Assert.Equal(RequestMatch.New, sip.Match(sip.Request(branch: "", callId: "other")));
        Assert.Equal(RequestMatch.New, sip.Match(sip.Request(branch: "", cseq: 2)));
        Assert.Equal(RequestMatch.New, sip.Match(sip.Request(branch: "", toTag: "x")));
        Assert.Equal(RequestMatch.Merged, sip.Match(sip.Request(branch: "", sentBy: "203.0.113.77")));
    }

    [Fact]
    public void An_RFC_2543_ACK_matches_by_the_To_tag_of_our_response()
    {
        ServerTransaction transaction = sip.Accept(sip.Request(branch: "1"));
        transaction.Respond(486);
        string tag = sip.Udp.Messages[0].Header("To")!.Split(";tag=")[1];
        Assert.Equal(RequestMatch.Ack2xx, sip.Match(sip.Request("ACK", branch: "1", toTag: "wrong")));
        Assert.Equal(TransactionState.Completed, transaction.State);
        Assert.Equal(RequestMatch.Absorbed, sip.Match(sip.Request("ACK", branch: "1", toTag: tag)));
        Assert.Equal(TransactionState.Confirmed, transaction.State);
    }

    [Fact]
    public void An_RFC_2543_CANCEL_finds_its_INVITE()
    {
        sip.Accept(sip.Request(branch: ""));
        Assert.Equal(RequestMatch.CancelWithoutTransaction, sip.Match(sip.Request("CANCEL", branch: "", callId: "other")));
        Assert.Equal(RequestMatch.Absorbed, sip.Match(sip.Request("CANCEL", branch: "")));
        Assert.Equal(["cancel"], sip.Told);
    }

    [Fact]
    public void A_branch_that_is_the_bare_cookie_never_merges_two_calls()
    {
        sip.Accept(sip.Request(branch: "z9hG4bK", callId: "one"));
        Assert.Equal(RequestMatch.New, sip.Match(sip.Request(branch: "z9hG4bK", callId: "two")));
        Assert.Equal(RequestMatch.Absorbed, sip.Match(sip.Request(branch: "z9hG4bK", callId: "one")));
    }

    [Fact]
    public void The_same_request_by_another_path_is_merged()
    {
        sip.Accept(sip.Request());
        Assert.Equal(RequestMatch.Merged, sip.Match(sip.Request(branch: "z9hG4bKother")));
        Assert.Equal(RequestMatch.New, sip.Match(sip.Request(branch: "z9hG4bKother", cseq: 2)));
        Assert.Equal(RequestMatch.New, sip.Match(sip.Request(branch: "z9hG4bKother", callId: "c9")));
    }

    [Fact]
    public void A_request_with_a_To_tag_is_never_merged()
    {
        sip.Accept(sip.Request(toTag: "x"));
        Assert.Equal(RequestMatch.New, sip.Match(sip.Request(branch: "z9hG4bKother", toTag: "x")));
        Assert.Equal(RequestMatch.New, sip.Match(sip.Request(branch: "z9hG4bKother")));
    }

    [Fact]
    public void A_CANCEL_gets_its_200_with_the_To_tag_of_the_INVITEs_responses_and_the_user_is_told()
    {
        ServerTransaction invite = sip.Accept(sip.Request());
        invite.Respond(180);
        Assert.Equal(RequestMatch.Absorbed, sip.Match(sip.Request("CANCEL")));
        Assert.Equal(["cancel"], sip.Told);
        Sent ok = sip.Udp.Messages[1];
        Assert.Equal("SIP/2.0 200 OK", ok.StartLine);
        Assert.Equal("1 CANCEL", ok.Header("CSeq"));
        Assert.Equal(sip.Udp.Messages[0].Header("To"), ok.Header("To"));

        invite.Respond(487);
        Assert.Equal("1 INVITE", sip.Udp.Messages[2].Header("CSeq"));
    }

    [Fact]
    public void A_retransmitted_CANCEL_gets_its_200_again_and_is_not_told_twice()
    {
        sip.Accept(sip.Request());
        sip.Match(sip.Request("CANCEL"));
        sip.Match(sip.Request("CANCEL"));
        Assert.Equal(["cancel"], sip.Told);
        Assert.Equal(["200", "200"], sip.Udp.Messages.Select(m => m.Text[8..11]));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(486)]
    public void A_CANCEL_after_the_final_response_gets_200_and_has_no_effect(int code)
    {
        sip.Accept(sip.Request()).Respond(code);
        Assert.Equal(RequestMatch.Absorbed, sip.Match(sip.Request("CANCEL")));
        Assert.Empty(sip.Told);
        Assert.Equal("1 CANCEL", sip.Udp.Messages[1].Header("CSeq"));
    }

    [Fact]
    public void A_CANCEL_of_a_request_other_than_INVITE_gets_200_and_has_no_effect()
    {
        sip.Accept(sip.Request("OPTIONS"));
        Assert.Equal(RequestMatch.Absorbed, sip.Match(sip.Request("CANCEL")));
        Assert.Empty(sip.Told);
        Assert.Single(sip.Udp.Messages);
    }

    [Fact]
    public void A_CANCEL_of_nothing_or_from_elsewhere_is_refused()
    {
        Assert.Equal(RequestMatch.CancelWithoutTransaction, sip.Match(sip.Request("CANCEL")));
        sip.Accept(sip.Request());
        Flow elsewhere = new(sip.Udp, sip.Udp.Point.Address, Fixture.Address("198.51.100.66:5060"));
        Assert.Equal(RequestMatch.CancelWithoutTransaction, sip.Match(sip.Request("CANCEL"), elsewhere));
        Assert.Empty(sip.Told);
        Assert.Empty(sip.Udp.Messages);
    }

    [Fact]
    public void A_CANCEL_from_another_port_of_the_same_host_is_taken()
    {
        sip.Accept(sip.Request());
        Flow port = new(sip.Udp, sip.Udp.Point.Address, Fixture.Address("203.0.113.9:41234"));
        Assert.Equal(RequestMatch.Absorbed, sip.Match(sip.Request("CANCEL"), port));
    }

    [Fact]
    public void The_table_tells_when_it_is_full()
    {
        using Fixture small = new(new TransactionOptions { MaxTransactions = 2 });
        small.Accept(small.Request("OPTIONS", branch: "z9hG4bK1", callId: "1"));
        Assert.False(small.Table.IsFull);
        small.SendRequest(SipMethod.Options);
        Assert.True(small.Table.IsFull);
        small.Accept(small.Request("BYE", branch: "z9hG4bK2", callId: "2")).Respond(200);
        Assert.Equal(3, small.Table.Count);
    }

    [Fact]
    public void A_user_may_make_a_new_transaction_while_a_flow_fails()
    {
        Retrying user = new(sip);
        ClientTransaction transaction = sip.Table.CreateClient(SipMethod.Options, sip.UdpFlow, user);
        transaction.Abandon();
        user.Start();
        user.Start();
        sip.Table.FlowFailed(sip.UdpFlow);
        Assert.Equal(2, user.Failures);
        Assert.Equal(2, sip.Table.Count);
    }

    [Fact]
    public void An_ended_transaction_is_not_used_again_at_once()
    {
        ServerTransaction first = sip.Accept(sip.Request("OPTIONS"), reliable: true);
        first.Respond(200);
        sip.Turn();
        ServerTransaction second = sip.Accept(sip.Request("OPTIONS", branch: "z9hG4bK2", callId: "2"), reliable: true);
        Assert.NotSame(first, second);
        Assert.Equal(TransactionState.Terminated, first.State);
        Assert.Throws<InvalidOperationException>(() => first.Request);
    }

    private sealed class Retrying(Fixture sip) : IClientTransactionUser
    {
        public int Failures { get; private set; }

        public void Start()
        {
            ClientTransaction transaction = sip.Table.CreateClient(SipMethod.Options, sip.UdpFlow, this);
            SipWriter writer = new(sip.Loop.Buffers);
            writer.RequestLine("OPTIONS"u8, "sip:x"u8);
            transaction.WriteVia(ref writer);
            writer.NoBody();
            transaction.Send(writer.Finish());
        }

        public void OnResponse(ClientTransaction transaction, SipMessage response)
        {
        }

        public void OnFailed(ClientTransaction transaction, TransactionFailure why)
        {
            Failures++;
            Start();
        }

        public void OnTerminated(ClientTransaction transaction)
        {
        }
    }

    [Fact]
    public void An_answered_request_is_let_go_at_the_end_of_the_turn_and_its_repetition_still_gets_the_answer()
    {
        using Fixture fixture = new();
        ServerTransaction transaction = fixture.Accept(fixture.Request("OPTIONS"));
        transaction.Respond(200);
        Assert.Equal(SipMethod.Options, transaction.Request.Method);
        fixture.Turn();
        Assert.Throws<InvalidOperationException>(() => transaction.Request.Method);
        Assert.Equal(RequestMatch.Absorbed, fixture.Match(fixture.Request("OPTIONS")));
        Assert.Equal(2, fixture.Udp.Messages.Count);
        Assert.Equal(fixture.Udp.Messages[0].Text, fixture.Udp.Messages[1].Text);
    }

    [Fact]
    public void An_answered_request_of_a_peer_without_the_magic_cookie_is_kept_for_matching()
    {
        using Fixture fixture = new();
        ServerTransaction transaction = fixture.Accept(fixture.Request("OPTIONS", branch: "1"));
        transaction.Respond(200);
        fixture.Turn();
        Assert.Equal(RequestMatch.Absorbed, fixture.Match(fixture.Request("OPTIONS", branch: "1")));
    }
}
