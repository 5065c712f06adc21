using Sip.B2bua.Plugins.MediaRelay;

namespace Plugins.Tests.MediaRelay;

public sealed class RelayForkTests : IDisposable
{
    private readonly RelayFixture relay = new();
    private readonly MediaPhone alice = new("127.0.0.2");
    private readonly MediaPhone bob = new("127.0.0.3");
    private readonly MediaPhone carol = new("127.0.0.4");
    private readonly RelaySession session;
    private readonly RelayLeg toBob;
    private readonly RelayLeg toCarol;

    public RelayForkTests()
    {
        session = relay.Open("127.0.0.2");
        toBob = session.AddBranch(RelayFixture.Party("127.0.0.3"));
        toCarol = session.AddBranch(RelayFixture.Party("127.0.0.4"));
        bob.Learn(RelayFixture.Offer(session, session.Front, toBob, alice.Sdp()));
        carol.Learn(RelayFixture.Offer(session, session.Front, toCarol, alice.Sdp()));
    }

    public void Dispose()
    {
        relay.Dispose();
        alice.Dispose();
        bob.Dispose();
        carol.Dispose();
    }

    [Fact]
    public void Each_branch_has_ports_of_its_own()
    {
        Assert.NotEqual(bob.Target.Port, carol.Target.Port);
        Assert.Equal(3, relay.Engine.Ports.InUse);
    }

    [Fact]
    public void A_phone_may_send_before_its_answer_is_here() // RFC 3264 5.1
    {
        bob.SendRtp(5);
        relay.Turn();
        Assert.Equal(5, MediaPhone.Heard(alice.Rtp));
    }

    [Fact]
    public void Of_two_with_early_media_the_caller_hears_the_chosen_one_and_both_hear_him()
    {
        alice.Learn(RelayFixture.Answer(session, toBob, session.Front, bob.Sdp()));
        session.Hear(toBob);
        RelayFixture.Answer(session, toCarol, session.Front, carol.Sdp());
        session.Hear(toCarol);
        bob.SendRtp(1);
        alice.SendRtp(3);
        relay.Turn();
        Assert.Equal(-1, MediaPhone.Heard(alice.Rtp));
        Assert.Equal(3, MediaPhone.Heard(bob.Rtp));
        Assert.Equal(3, MediaPhone.Heard(carol.Rtp));
        carol.SendRtp(2);
        relay.Turn();
        Assert.Equal(2, MediaPhone.Heard(alice.Rtp));
    }

    [Fact]
    public void The_winner_stays_and_the_losers_ports_are_free()
    {
        RelayFixture.Answer(session, toCarol, session.Front, carol.Sdp());
        session.Hear(toCarol);
        alice.Learn(RelayFixture.Answer(session, toBob, session.Front, bob.Sdp()));
        session.Win(toBob);
        relay.Turn();
        Assert.Equal(2, relay.Engine.Ports.InUse);
        Assert.Equal([toBob], session.Branches);
        alice.SendRtp(1);
        bob.SendRtp(2);
        carol.SendRtp(3);
        relay.Turn();
        Assert.Equal(1, MediaPhone.Heard(bob.Rtp));
        Assert.Equal(2, MediaPhone.Heard(alice.Rtp));
        Assert.Equal(-1, MediaPhone.Heard(carol.Rtp));
        Assert.Equal(-1, MediaPhone.Heard(alice.Rtp));
    }

    [Fact]
    public void A_failed_branch_frees_its_ports_and_disturbs_nobody()
    {
        session.Remove(toCarol);
        relay.Turn();
        Assert.Equal(2, relay.Engine.Ports.InUse);
        bob.SendRtp(2);
        relay.Turn();
        Assert.Equal(2, MediaPhone.Heard(alice.Rtp));
    }
}
