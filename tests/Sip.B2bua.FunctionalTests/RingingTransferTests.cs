namespace Sip.B2bua.FunctionalTests;

/// <summary>
/// A phone at which a second call rings transfers its first party to the caller of the second: RFC 3891 3, an early dialog that was begun by
/// whoever receives the Replaces, which is the server. Alice and Carol talk, Dave's call rings at Carol.
/// </summary>
public sealed class RingingTransferTests : InMemoryTests
{
    private TestPhone alice = null!;
    private TestPhone carol = null!;
    private TestPhone dave = null!;
    private TestPhone? other;
    private TestDialog first = null!;
    private TestMessage ringing = null!;

    [Theory]
    [InlineData(true, 1, "")]
    [InlineData(false, 1, ";early-only")]
    [InlineData(true, 3, "")]
    [InlineData(false, 3, "")]
    public void RFC_3891_3_The_ringing_call_is_answered_for_the_party_that_stays(bool callsFirst, int loops, string parameters)
    {
        Begin(callsFirst, loops);
        Refer(parameters);
        IsAnsweredInSilence(TestSdp.Audio(7000));
        carol.HearsOf("SIP/2.0 200 OK");
        Leaves();
        Server.Hold(alice, dave, version: 7);
        Server.End(dave, alice);
    }

    [Fact]
    public void A_caller_who_made_no_offer_is_offered_the_session_of_the_party_that_stays()
    {
        Begin(true, 1, offer: "");
        Refer();
        IsAnsweredInSilence(TestSdp.Audio(7000), late: TestSdp.Audio(7000, "inactive"));
        carol.HearsOf("SIP/2.0 200 OK");
        Leaves();
        Server.End(dave, alice);
    }

    [Fact]
    public void RFC_3262_3_A_caller_who_acknowledges_the_news_of_the_ringing_phone_meanwhile_is_answered_all_the_same()
    {
        Begin(true, 1, offer: "");
        carol.Reply(ringing, 183, TestSdp.Audio(6000), "Require: 100rel\nRSeq: 1");
        TestMessage news = dave.Expect(183);
        TestDialog second = carol.Dialog;
        Refer();
        carol.IsCancelled(second.ReceivedInvite!);
        dave.Prack(news, TestSdp.Audio(7000));
        dave.Expect(200, "PRACK");
        Assert.Equal("", dave.Expect(200, "INVITE").Body); // it has an offer, and has answered it
        dave.Ack();
        Assert.Contains("m=audio 4000 ", dave.Expect("INVITE").Body, StringComparison.Ordinal);
        dave.Accepts(TestSdp.Audio(7000, version: 5));
        alice.Expect("INVITE");
        alice.Accepts(TestSdp.Audio(4000, version: 5));
        carol.HearsOf("SIP/2.0 200 OK");
        dave.HasOneSessionInEachDialog();
        Leaves();
        Server.End(dave, alice);
    }

    [Fact]
    public void All_phones_at_which_it_rings_stop()
    {
        Begin(true, 1, second: true);
        Refer();
        IsAnsweredInSilence(TestSdp.Audio(7000));
        other!.IsCancelled();
        carol.HearsOf("SIP/2.0 200 OK");
        Leaves();
        Server.End(dave, alice);
    }

    [Fact]
    public void RFC_3891_3_A_caller_who_has_nothing_in_common_with_the_party_that_stays_rings_on()
    {
        Begin(true, 1, offer: TestSdp.Audio(7000).Replace("RTP/AVP 0 101", "RTP/AVP 18 101", StringComparison.Ordinal));
        Refer();
        carol.HearsOf("SIP/2.0 488 Not Acceptable Here");
        carol.ExpectNothing();
        dave.ExpectNothing();
        GivesUp();
        EndFirst();
    }

    [Fact]
    public void A_caller_who_gives_up_before_the_REFER_comes_is_gone()
    {
        Begin(true, 1);
        GivesUp();
        Refer();
        carol.HearsOf("SIP/2.0 481 Call/Transaction Does Not Exist");
        EndFirst();
    }

    [Fact]
    public void A_caller_who_hangs_up_before_the_two_are_joined_leaves_the_first_call_as_it_was()
    {
        Begin(true, 1);
        Refer();
        dave.Expect(200, "INVITE");
        carol.IsCancelled(ringing);
        dave.Bye(); // RFC 3261 15: it may do so without an ACK
        dave.Expect(200, "BYE");
        carol.HearsOf("SIP/2.0 603 Decline");
        alice.ExpectNothing();
        EndFirst();
    }

    [Fact]
    public void A_caller_who_never_acknowledges_leaves_the_first_call_as_it_was()
    {
        Begin(true, 1);
        Refer();
        dave.Expect(200, "INVITE");
        carol.IsCancelled(ringing);
        Server.Advance(33);
        dave.Await("BYE");
        dave.Reply(200);
        dave.Skip(); // the repeated answers
        carol.HearsOf("SIP/2.0 603 Decline");
        alice.ExpectNothing();
        EndFirst();
    }

    [Fact]
    public void A_party_that_hangs_up_before_the_two_are_joined_leaves_nothing()
    {
        Begin(true, 2);
        Refer();
        dave.Expect(200, "INVITE");
        carol.IsCancelled(ringing);
        alice.Bye();
        alice.Expect(200, "BYE");
        carol.Dialog = first;
        carol.IsHungUpOn();
        dave.Ack();
        dave.IsHungUpOn();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_caller_who_refuses_the_session_is_hung_up_and_the_first_call_goes_on()
    {
        Begin(true, 1);
        Refer();
        dave.Expect(200, "INVITE");
        dave.Ack();
        carol.IsCancelled(ringing);
        dave.Expect("INVITE");
        dave.Refuses(488);
        dave.IsHungUpOn();
        carol.HearsOf("SIP/2.0 488 Not Acceptable Here");
        EndFirst();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_media_relay_stands_between_the_two(bool offers)
    {
        StartRelay("127.38.3.7");
        SetUp(true, offers ? null : "", second: false);
        Refer();
        string told = dave.Expect(200, "INVITE").Body;
        Assert.Contains("c=IN IP4 127.38.3.7", told, StringComparison.Ordinal);
        dave.Ack(offers ? "" : TestSdp.Audio(7000, "inactive"));
        carol.IsCancelled(ringing);
        Assert.Contains("c=IN IP4 127.38.3.7", dave.Expect("INVITE").Body, StringComparison.Ordinal);
        dave.Accepts(TestSdp.Audio(7000, version: 5));
        string toAlice = alice.Expect("INVITE").Body;
        Assert.Contains("c=IN IP4 127.38.3.7", toAlice, StringComparison.Ordinal);
        Assert.DoesNotContain("m=audio 7000 ", toAlice, StringComparison.Ordinal);
        alice.Accepts(TestSdp.Audio(4000, version: 5));
        carol.HearsOf("SIP/2.0 200 OK");
        Leaves();
        Server.End(dave, alice);
    }

    // Dave hears nothing until both know of each other.
    private void IsAnsweredInSilence(string sdp, string late = "")
    {
        string told = dave.Expect(200, "INVITE").Body;
        Assert.Contains("m=audio 4000 ", told, StringComparison.Ordinal);
        Assert.Contains("a=inactive", told, StringComparison.Ordinal);
        carol.IsCancelled(ringing);
        alice.ExpectNothing();
        dave.Ack(late);
        TestMessage offer = dave.Expect("INVITE");
        Assert.Contains("m=audio 4000 ", offer.Body, StringComparison.Ordinal);
        Assert.Contains("a=sendrecv", offer.Body, StringComparison.Ordinal);
        Assert.Equal(Origin(told, 1), Origin(offer.Body, 0)); // RFC 3264 8
        dave.Accepts(sdp);
        Assert.Contains("m=audio 7000 ", alice.Expect("INVITE").Body, StringComparison.Ordinal);
        alice.Accepts(TestSdp.Audio(4000, version: 5));
    }

    private static string Origin(string sdp, int more)
    {
        string[] words = sdp.Split("\r\n").Single(line => line.StartsWith("o=", StringComparison.Ordinal)).Split(' ');
        words[2] = (int.Parse(words[2], System.Globalization.CultureInfo.InvariantCulture) + more).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return string.Join(' ', words);
    }

    private void Refer(string parameters = "")
    {
        TestDialog second = carol.Dialog;
        carol.Dialog = first;
        carol.Refers($"<{dave.AddressOfRecord}?Replaces={Uri.EscapeDataString(second.Replaces() + parameters)}>");
    }

    private void GivesUp()
    {
        TestDialog kept = carol.Dialog;
        dave.Cancel();
        dave.Expect(200, "CANCEL");
        dave.Expect(487, "INVITE");
        carol.IsCancelled(ringing);
        carol.Dialog = kept;
    }

    private void Leaves()
    {
        carol.Dialog = first;
        carol.Leaves();
        Server.Settle();
    }

    private void EndFirst()
    {
        carol.Dialog = first;
        Server.End(alice, carol);
    }

    private void Begin(bool callsFirst, int loops, string? offer = null, bool second = false)
    {
        Start($"[global]\nevent-loops={loops}");
        SetUp(callsFirst, offer, second);
    }

    private void SetUp(bool callsFirst, string? offer, bool second)
    {
        alice = Server.AddPhone("alice", registered: true);
        carol = Server.AddPhone("carol", registered: true);
        dave = Server.AddPhone("dave", registered: true);
        Server.Call(callsFirst ? carol : alice, callsFirst ? alice : carol);
        first = carol.Dialog;
        other = second ? Server.AddPhone("carol", registered: true) : null;
        dave.Invite(carol.AddressOfRecord, offer ?? TestSdp.Audio(7000), "Supported: 100rel");
        ringing = carol.Expect("INVITE");
        carol.Reply(180);
        dave.Expect(100);
        dave.Expect(180);
        if (other is not null)
        {
            other.Expect("INVITE");
            other.Reply(180);
            dave.Expect(180);
        }
    }
}
