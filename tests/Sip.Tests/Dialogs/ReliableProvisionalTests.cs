using System.Globalization;
using Sip.Dialogs;
using Sip.Messages;
using Sip.Tests.Transactions;
using Sip.Transactions;

namespace Sip.Tests.Dialogs;

public sealed class ReliableProvisionalTests : IDisposable, IReliableProvisionalUser
{
    private readonly Fixture sip = new();
    private readonly ServerTransaction invite;
    private readonly ReliableProvisional provisional;
    private int given;

    public ReliableProvisionalTests()
    {
        invite = sip.Accept(sip.Request(extra: "Supported: 100rel\n"));
        provisional = new ReliableProvisional(sip.Table, invite, this);
    }

    public void Dispose() => sip.Dispose();

    [Fact]
    public void The_response_is_sent_again_at_T1_doubling_without_a_cap_until_64_T1_then_the_user_is_told()
    {
        Send();
        sip.Move(40_000);
        Assert.Equal([0, 500, 1500, 3500, 7500, 15500, 31500], sip.Udp.Messages.Select(m => m.At));
        Assert.Equal(1, given);
        Assert.False(provisional.IsWaiting);
    }

    [Fact]
    public void The_matching_PRACK_ends_the_retransmissions_and_any_other_matches_nothing()
    {
        Send();
        uint number = Number(0);
        Assert.False(provisional.TryAcknowledge(Prack($"{number + 1} 1 INVITE")));
        Assert.False(provisional.TryAcknowledge(Prack($"{number} 2 INVITE")));
        Assert.False(provisional.TryAcknowledge(Prack($"{number} 1 UPDATE")));
        Assert.False(provisional.TryAcknowledge(Prack("x")));
        Assert.True(provisional.TryAcknowledge(Prack($"{number} 1 INVITE")));
        Assert.False(provisional.TryAcknowledge(Prack($"{number} 1 INVITE")));
        sip.Move(60_000);
        Assert.Single(sip.Udp.Messages);
        Assert.Equal(0, given);
    }

    [Fact]
    public void RSeq_starts_between_1_and_2_to_the_31_and_goes_up_by_exactly_one()
    {
        Send();
        uint first = Number(0);
        Assert.InRange(first, 1u, (uint)int.MaxValue);
        provisional.TryAcknowledge(Prack($"{first} 1 INVITE"));
        Send();
        Assert.Equal(first + 1, Number(1));
        Assert.Equal("100rel", sip.Udp.Messages[1].Header("Require"));
    }

    [Fact]
    public void A_final_response_ends_the_retransmissions()
    {
        Send();
        provisional.Stop();
        sip.Move(60_000);
        Assert.Single(sip.Udp.Messages);
        Assert.Equal(0, given);
    }

    void IReliableProvisionalUser.OnNotAcknowledged(ReliableProvisional sender) => given++;

    private uint Number(int message) => uint.Parse(sip.Udp.Messages[message].Header("RSeq")!, CultureInfo.InvariantCulture);

    private SipMessage Prack(string rack) => sip.Request("PRACK", toTag: "x", cseq: 2, extra: $"RAck: {rack}\n");

    private void Send()
    {
        SipWriter writer = new(sip.Loop.Buffers);
        ResponseWriter.Begin(ref writer, invite.Request, invite.Flow, 183, default, invite.LocalTag);
        provisional.WriteHeaders(ref writer);
        writer.NoBody();
        provisional.Send(writer.Finish(), 183);
    }
}
