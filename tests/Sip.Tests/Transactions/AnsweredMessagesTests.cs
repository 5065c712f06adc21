using Sip.Headers;
using Sip.Messages;
using Sip.Transactions;
using Sip.Transports;

namespace Sip.Tests.Transactions;

/// <summary>What is known of transactions that end before their time, as seen through the table.</summary>
public sealed class AnsweredMessagesTests : IDisposable
{
    private readonly Fixture sip = new();

    public void Dispose() => sip.Dispose();

    [Fact]
    public void RFC_3261_17_2_2_a_repeated_request_gets_its_answer_for_32_seconds_though_its_transaction_is_over()
    {
        AnswerAndLeave(sip.Request("BYE", toTag: "b1"), 200);
        sip.Move(31_999);
        Assert.Equal(RequestMatch.Absorbed, sip.Match(sip.Request("BYE", toTag: "b1")));
        Assert.Equal(RequestMatch.Absorbed, sip.Match(sip.Request("BYE", toTag: "b1")));
        Assert.Equal(3, sip.Udp.Messages.Count);
        Assert.All(sip.Udp.Messages, message => Assert.Equal(sip.Udp.Messages[0].Text, message.Text));
        Assert.Equal(1, sip.Table.Count);
        sip.Move(251);
        Assert.Equal(0, sip.Table.Count);
        Assert.Equal(RequestMatch.New, sip.Match(sip.Request("BYE", toTag: "b1")));
        Assert.Empty(sip.Told);
    }

    [Fact]
    public void RFC_6026_7_1_a_repeated_INVITE_whose_2xx_went_is_absorbed_and_its_ACK_goes_to_the_dialog()
    {
        AnswerAndLeave(sip.Request(), 200);
        Assert.Equal(RequestMatch.Absorbed, sip.Match(sip.Request()));
        Assert.Single(sip.Udp.Messages);
        Assert.Equal(RequestMatch.Ack2xx, sip.Match(sip.Request("ACK", toTag: "x")));
        sip.Move(32_250);
        Assert.Equal(RequestMatch.New, sip.Match(sip.Request()));
    }

    [Fact]
    public void RFC_3261_8_2_2_2_the_same_request_by_another_path_is_still_merged()
    {
        AnswerAndLeave(sip.Request(), 200);
        Assert.Equal(1, sip.Table.Count);
        Assert.Equal(RequestMatch.Merged, sip.Match(sip.Request(branch: "z9hG4bKother")));
        sip.Move(32_250);
        Assert.Equal(RequestMatch.New, sip.Match(sip.Request(branch: "z9hG4bKother")));
    }

    [Fact]
    public void RFC_3261_9_2_a_CANCEL_that_comes_too_late_gets_its_200_with_the_tag_of_the_answer()
    {
        AnswerAndLeave(sip.Request(), 200);
        Assert.Equal(RequestMatch.Absorbed, sip.Match(sip.Request("CANCEL")));
        Assert.Equal(sip.Udp.Messages[0].Header("To"), sip.Udp.Messages[1].Header("To"));
        Assert.Equal("1 CANCEL", sip.Udp.Messages[1].Header("CSeq"));
        sip.Turn();
        Assert.Equal(RequestMatch.Absorbed, sip.Match(sip.Request("CANCEL")));
        Assert.Equal(3, sip.Udp.Messages.Count);
        Flow elsewhere = new(sip.Udp, sip.Udp.Point.Address, Fixture.Address("198.51.100.66:5060"));
        Assert.Equal(RequestMatch.CancelWithoutTransaction, sip.Match(sip.Request("CANCEL", branch: "z9hG4bKbbb"), sip.UdpFlow));
        Assert.Empty(sip.Told);
        AnswerAndLeave(sip.Request(branch: "z9hG4bKccc", callId: "c3"), 200);
        Assert.Equal(RequestMatch.CancelWithoutTransaction, sip.Match(sip.Request("CANCEL", branch: "z9hG4bKccc", callId: "c3"), elsewhere));
    }

    [Fact]
    public void Requests_of_the_same_branch_and_other_methods_are_told_apart()
    {
        AnswerAndLeave(sip.Request("OPTIONS"), 200);
        Assert.Equal(RequestMatch.New, sip.Match(sip.Request("MESSAGE", cseq: 2)));
        AnswerAndLeave(sip.Request("MESSAGE", cseq: 2), 404);
        sip.Match(sip.Request("OPTIONS"));
        sip.Match(sip.Request("MESSAGE", cseq: 2));
        Assert.Equal(["200", "404", "200", "404"], sip.Udp.Messages.Select(m => m.Text[8..11]));
    }

    [Fact]
    public void Who_still_reads_an_answered_request_never_reads_a_strangers()
    {
        ServerTransaction transaction = sip.Accept(sip.Request());
        uint life = transaction.Life;
        transaction.Respond(200);
        transaction.LetGo();
        Assert.Equal("c1", System.Text.Encoding.ASCII.GetString(transaction.Request.CallId)); // to the end of the turn
        sip.Turn();
        Assert.Throws<InvalidOperationException>(() => transaction.Request);
        for (int i = 0; i < 300; i++)
        {
            AnswerAndLeave(sip.Request(branch: $"z9hG4bK{i}", callId: $"c{i + 2}"), 200);
        }

        Assert.NotEqual(life, transaction.Life); // it serves another by now, and says so
    }

    [Fact]
    public void A_user_that_has_not_let_go_is_told_of_the_end()
    {
        sip.Accept(sip.Request("BYE", toTag: "b1")).Respond(200);
        sip.Turn();
        sip.Move(32_000);
        Assert.Equal(["terminated"], sip.Told);
    }

    [Fact]
    public void A_refused_INVITE_stays_a_transaction_which_repeats_its_answer_until_the_ACK()
    {
        AnswerAndLeave(sip.Request(), 486);
        sip.Move(500);
        Assert.Equal(2, sip.Udp.Messages.Count);
        Assert.Equal(RequestMatch.Absorbed, sip.Match(sip.Request("ACK", toTag: "x")));
        sip.Move(40_000);
        Assert.Equal(2, sip.Udp.Messages.Count);
    }

    [Fact]
    public void An_answer_that_is_very_long_is_repeated_all_the_same()
    {
        ServerTransaction transaction = sip.Accept(sip.Request("OPTIONS"));
        transaction.Respond(200, Enumerable.Repeat((byte)'x', 5000).ToArray());
        transaction.LetGo();
        sip.Turn();
        sip.Match(sip.Request("OPTIONS"));
        Assert.Equal(2, sip.Udp.Messages.Count);
        Assert.Equal(sip.Udp.Messages[0].Text, sip.Udp.Messages[1].Text);
    }

    [Fact]
    public void Thousands_are_each_answered_with_their_own_answer_and_forgotten_in_time()
    {
        const int Count = 5000;
        for (int i = 0; i < Count; i++)
        {
            AnswerAndLeave(sip.Request("BYE", branch: $"z9hG4bK{i}", toTag: $"t{i}"), 200 + (i % 90));
            if (i % 100 == 99)
            {
                sip.Move(100);
            }
        }

        sip.Udp.Messages.Clear();
        sip.Table.ClearPools();
        for (int i = 0; i < Count; i++)
        {
            Assert.Equal(RequestMatch.Absorbed, sip.Match(sip.Request("BYE", branch: $"z9hG4bK{i}", toTag: $"t{i}")));
            Assert.StartsWith($"SIP/2.0 {200 + (i % 90)} ", sip.Udp.Messages[i].Text, StringComparison.Ordinal);
            Assert.EndsWith($";tag=t{i}", sip.Udp.Messages[i].Header("To"), StringComparison.Ordinal);
        }

        sip.Move(32_100 - 2_500);
        Assert.InRange(sip.Table.Count, Count / 4, Count * 3 / 4);
        Assert.Equal(RequestMatch.New, sip.Match(sip.Request("BYE", branch: "z9hG4bK0", toTag: "t0")));
        Assert.Equal(RequestMatch.Absorbed, sip.Match(sip.Request("BYE", branch: $"z9hG4bK{Count - 1}", toTag: $"t{Count - 1}")));
        sip.Move(5_000);
        Assert.Equal(0, sip.Table.Count);
    }

    [Fact]
    public void RFC_3261_13_2_2_4_a_repeated_2xx_gets_its_ACK_again_and_another_phones_goes_to_who_hangs_up()
    {
        LateAnswers late = new();
        sip.Table.LateAnswers = late;
        Sent invite = Acknowledged(out string ack);
        Assert.Equal(1, sip.Table.Count);
        Assert.True(sip.Receive(sip.Response(invite, 200)));
        Assert.Equal(ack, sip.Udp.Messages[^1].Text);
        Assert.Equal(0, late.Count);
        Assert.True(sip.Receive(sip.Response(invite, 200, toTag: "other")));
        Assert.True(sip.Receive(sip.Response(invite, 200, toTag: "1"))); // part of the other's tag
        Assert.Equal(2, late.Count);
        sip.Move(32_250);
        Assert.False(sip.Receive(sip.Response(invite, 200)));
        Assert.Equal(0, sip.Table.Count);
    }

    [Fact]
    public void Only_a_2xx_to_the_INVITE_itself_is_acknowledged_again()
    {
        Sent invite = Acknowledged(out _);
        int sent = sip.Udp.Messages.Count;
        Assert.False(sip.Receive(sip.Response(invite, 486)));
        Assert.False(sip.Receive(sip.Response(invite, 180)));
        Assert.False(sip.Receive(sip.Response(invite, 200, cseq: "7 BYE")));
        Assert.False(sip.Receive(sip.Response(invite, 200, via: "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK030000010001aaaaaaaaaaaaaaaaaaaa")));
        Assert.Equal(sent, sip.Udp.Messages.Count);
    }

    [Fact]
    public void An_INVITE_without_an_answer_cannot_be_ended()
    {
        ClientTransaction transaction = sip.SendRequest();
        SipBuffer ack = sip.Loop.Buffers.Rent(100);
        Assert.False(transaction.TryEnd(ack, "b1"u8));
        ack.Release();
        Assert.Equal(TransactionState.Calling, transaction.State);
    }

    [Fact]
    public void Remembering_and_forgetting_allocates_nothing_once_there_is_room()
    {
        AnsweredMessages answers = new(sip.Loop.Timers, 1000);
        byte[] answer = new byte[300];
        ulong next = 0;
        void Round()
        {
            for (int i = 0; i < 400; i++)
            {
                answers.Add(new AnsweredMessage { Key = new HashValue(next, next++), Method = SipMethod.Bye }, answer.AsSpan(0, 26), answer);
            }

            sip.Move(1_300);
        }

        Round();
        Round();
        Assert.Equal(0, Allocation.Least(Round));
        Assert.Equal(0, answers.Count);
    }

    private void AnswerAndLeave(SipMessage request, int code)
    {
        ServerTransaction transaction = sip.Accept(request);
        transaction.Respond(code);
        transaction.LetGo();
        sip.Turn();
    }

    private Sent Acknowledged(out string ack)
    {
        ClientTransaction transaction = sip.SendRequest();
        Sent invite = sip.Udp.Messages[0];
        sip.Receive(sip.Response(invite, 200));
        SipWriter writer = new(sip.Loop.Buffers);
        writer.RequestLine("ACK"u8, "sip:bob@203.0.113.9"u8);
        writer.Header(HeaderId.To, "<sip:bob@example.com>;tag=b1"u8);
        writer.NoBody();
        SipBuffer message = writer.Finish();
        ack = System.Text.Encoding.ASCII.GetString(message.Span);
        Assert.True(transaction.TryEnd(message, "b1"u8));
        message.Release();
        return invite;
    }

    private sealed class LateAnswers : ILateAnswers
    {
        public int Count { get; private set; }

        public void OnLateAnswer(in Flow way, SipMessage response) => Count++;
    }
}
