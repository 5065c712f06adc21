using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Sip;
using Sip.B2bua;
using Sip.B2bua.Plugins.MediaRelay;

namespace Plugins.Tests.MediaRelay;

public sealed class MediaRelayModuleTests : IAsyncLifetime, IDisposable
{
    private readonly FixedSettings settings = new();
    private readonly ManualTime time = new();
    private readonly MediaPhone alice = new("127.0.0.2");
    private readonly MediaPhone bob = new("127.0.0.3");
    private readonly MediaPhone carol = new("127.0.0.4");
    private readonly FakeLeg legA = new(0, "127.0.0.2");
    private readonly FakeLeg legB = new(1, "127.0.0.3");
    private readonly FakeLeg legC = new(2, "127.0.0.4");
    private readonly EventLoop loop;
    private readonly MediaRelayModule module;
    private readonly FakeCall call;

    public MediaRelayModuleTests()
    {
        loop = new EventLoop(0, new EventLoopOptions { Time = time });
        call = new FakeCall(legA, loop);
        module = new MediaRelayModule(settings, time, NullLoggerFactory.Instance);
    }

    public async Task InitializeAsync() => await module.StartAsync(CancellationToken.None);

    public async Task DisposeAsync() => await module.StopAsync(CancellationToken.None);

    public void Dispose()
    {
        module.Dispose();
        alice.Dispose();
        bob.Dispose();
        carol.Dispose();
    }

    [Fact]
    public void A_call_is_relayed_and_its_ports_are_free_at_its_end()
    {
        Connect();
        Say(alice, 1, bob);
        Say(bob, 2, alice);
        module.OnLegEnded(call, legA);
        module.OnLegEnded(call, legB);
        module.OnCallEnded(call);
        AssertAllFree();
        Assert.Contains("1 packets from the caller, 1 from the other side", call.Trail.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_losers_of_a_fork_are_freed_at_the_answer_and_the_refusers_when_they_end()
    {
        bob.Learn(Cross(legA, legB, true, alice.Sdp()));
        carol.Learn(Cross(legA, legC, true, alice.Sdp()));
        Assert.Equal(3, module.Engine!.Ports.InUse);
        Cross(legC, legA, false, carol.Sdp(), isEarly: true);
        alice.Learn(Cross(legB, legA, false, bob.Sdp()));
        call.IsAnswered = true;
        module.OnCallEvent(call, legB, CallEventKind.Answer);
        module.OnLegEnded(call, legC);
        Say(alice, 1, bob);
        Say(bob, 2, alice);
        AssertInUse(2);
        module.OnCallEnded(call);
        AssertAllFree();
    }

    [Fact]
    public void A_change_accepted_before_the_answer_leaves_the_other_branches_and_a_refused_one_the_session()
    {
        bob.Learn(Cross(legA, legB, true, alice.Sdp()));
        carol.Learn(Cross(legA, legC, true, alice.Sdp()));
        alice.Learn(Cross(legB, legA, false, bob.Sdp(), isEarly: true));
        Cross(legA, legB, true, alice.Sdp(extra: "a=sendrecv\r\n"), isEarly: true);
        Cross(legB, legA, false, bob.Sdp(extra: "a=sendrecv\r\n"), isEarly: true);
        module.OnCallEvent(call, legB, CallEventKind.Answer);
        AssertInUse(3);
        Cross(legA, legB, true, alice.Sdp(extra: "a=inactive\r\n"), isEarly: true);
        module.OnCallEvent(call, legB, CallEventKind.Fail);
        Say(bob, 1, alice);
        Cross(legB, legA, true, bob.Sdp(extra: "a=inactive\r\n"), isEarly: true);
        module.OnCallEvent(call, legA, CallEventKind.Fail);
        Say(alice, 2, bob);
        module.OnCallEnded(call);
        AssertAllFree();
    }

    [Fact]
    public void Of_two_early_sessions_the_last_is_heard()
    {
        bob.Learn(Cross(legA, legB, true, alice.Sdp()));
        carol.Learn(Cross(legA, legC, true, alice.Sdp()));
        alice.Learn(Cross(legB, legA, false, bob.Sdp(), isEarly: true));
        Cross(legC, legA, false, carol.Sdp(), isEarly: true);
        bob.SendRtp(1);
        Say(carol, 2, alice);
        Assert.Equal(-1, MediaPhone.Heard(alice.Rtp));
    }

    [Fact]
    public void A_refused_change_of_the_session_changes_nothing()
    {
        Connect();
        Cross(legA, legB, true, alice.Sdp(extra: "a=inactive\r\n"));
        module.OnCallEvent(call, legB, CallEventKind.Fail);
        Say(bob, 7, alice);
    }

    [Fact]
    public void After_a_transfer_the_two_who_stay_hear_each_other()
    {
        Connect();
        carol.Learn(Cross(legB, legC, true, bob.Sdp()));
        Cross(legC, legB, false, carol.Sdp());
        Say(alice, 5, bob);
        Say(bob, 6, alice);
        bob.Learn(Cross(legC, legB, true, carol.Sdp()));
        carol.Learn(Cross(legB, legC, false, bob.Sdp()));
        Assert.Equal(-1, MediaPhone.Heard(carol.Rtp));
        Say(bob, 1, carol);
        Say(carol, 2, bob);
        module.OnLegEnded(call, legA);
        Say(bob, 3, carol);
        Say(carol, 4, bob);
        AssertInUse(2);
        Assert.Equal(-1, MediaPhone.Heard(alice.Rtp));
        module.OnCallEnded(call);
        AssertAllFree();
    }

    [Fact]
    public void The_call_after_the_last_allowed_one_gets_503()
    {
        Connect();
        FakeCall second = new(legA, loop);
        FakeSession offer = new(second, legA, legB, true, alice.Sdp());
        module.OnSession(offer);
        Assert.Equal("503 Maximum number of calls reached", offer.Refused);
    }

    [Fact]
    public void An_unreadable_offer_gets_400_with_what_is_wrong()
    {
        FakeSession offer = new(call, legA, legB, true, "nonsense"u8.ToArray());
        module.OnSession(offer);
        Assert.Equal("400 SDP line is not of the form x=value", offer.Refused);
        Assert.Null(offer.Replaced);
    }

    [Fact]
    public void No_port_left_gets_500()
    {
        string lines = string.Concat(Enumerable.Repeat("m=audio 5000 RTP/AVP 0\r\n", 5));
        FakeSession offer = new(call, legA, legB, true, alice.Sdp(extra: lines));
        module.OnSession(offer);
        Assert.Equal("500 RTP port pool exhausted", offer.Refused);
        module.OnCallEnded(call);
        AssertAllFree();
    }

    [Fact]
    public void The_trail_says_who_is_behind_nat()
    {
        Cross(legA, legB, true, alice.Sdp(address: "127.0.0.9"));
        Assert.Contains("MediaRelay: on, offer from 127.0.0.2:5060", call.Trail.ToString(), StringComparison.Ordinal);
        FakeLeg outside = new(3, "203.0.113.9");
        module.OnSession(new FakeSession(call, outside, legA, true, alice.Sdp(address: "192.168.1.5")));
        Assert.Contains("behind NAT: described as 192.168.1.5, signalling from 203.0.113.9:5060", call.Trail.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_call_without_media_for_the_whole_period_is_ended()
    {
        Connect();
        time.Advance(TimeSpan.FromSeconds(61));
        time.Fire();
        loop.Turn(0);
        Assert.Equal("408 No media for longer than inactivity-period", call.Ended);
    }

    private void Connect()
    {
        bob.Learn(Cross(legA, legB, true, alice.Sdp()));
        alice.Learn(Cross(legB, legA, false, bob.Sdp()));
        call.IsAnswered = true;
        module.OnCallEvent(call, legB, CallEventKind.Answer);
    }

    private string Cross(FakeLeg from, FakeLeg to, bool isOffer, byte[] sdp, bool isEarly = false)
    {
        FakeSession session = new(call, from, to, isOffer, sdp, isEarly);
        module.OnSession(session);
        Assert.Null(session.Refused);
        Assert.NotNull(session.Replaced);
        return session.Replaced;
    }

    // The relay's own threads run here: the packet arrives as soon as the kernel lets them.
    private static void Say(MediaPhone from, byte mark, MediaPhone to)
    {
        from.SendRtp(mark);
        Assert.True(to.Rtp.Poll(5_000_000, SelectMode.SelectRead), "nothing arrived");
        Assert.Equal(mark, MediaPhone.Heard(to.Rtp));
    }

    private void AssertAllFree() => AssertInUse(0);

    private void AssertInUse(int pairs) =>
        Assert.True(SpinWait.SpinUntil(() => module.Engine!.Ports.InUse == pairs, 5000), $"{module.Engine!.Ports.InUse} pairs in use");

    private sealed class FixedSettings : ISettings<MediaRelayOptions>
    {
        public event Action? Changed
        {
            add { }
            remove { }
        }

        public MediaRelayOptions Value { get; } = new()
        {
            SdpPortRange = new PortRange(20000, 20009),
            MaxCalls = 1,
            Threads = 1,
            InactivityPeriod = TimeSpan.FromMinutes(1),
        };
    }
}
