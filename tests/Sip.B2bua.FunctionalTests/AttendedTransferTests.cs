namespace Sip.B2bua.FunctionalTests;

/// <summary>Transfers with consultation: two calls of the transferor become one without it (RFC 5589 7, RFC 3891).</summary>
public sealed class AttendedTransferTests : InMemoryTests
{
    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Two_calls_become_one(bool callsFirst, bool callsSecond)
    {
        Phones phones = Connect(callsFirst, callsSecond);
        Complete(phones);
        Server.End(phones.Bob, phones.Carol);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Two_calls_on_two_loops_become_one(bool stayingHangsUp)
    {
        Start("[global]\nevent-loops=2");
        Phones phones = Connect(true, true, differentLoops: true);
        Complete(phones);
        Hold(phones.Carol, phones.Bob);
        Hold(phones.Bob, phones.Carol);
        Server.HangUp(stayingHangsUp ? phones.Bob : phones.Carol, stayingHangsUp ? phones.Carol : phones.Bob);
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_party_that_has_changed_loops_can_go_back_or_further(bool back)
    {
        Start("[global]\nevent-loops=3");
        Phones phones = Connect(true, true, differentLoops: true);
        Complete(phones);
        TestPhone dave = Server.AddPhone("dave", registered: true);
        TestDialog old = phones.Bob.Dialog;
        string home = phones.Second.RemoteTag[..2];
        string now = phones.First.RemoteTag[..2];
        while (true)
        {
            string loop = Call(phones.Bob, dave).RemoteTag[..2];
            if (back ? loop == home : loop != home && loop != now)
            {
                break;
            }

            Server.HangUp(phones.Bob, dave);
        }

        TestDialog next = phones.Bob.Dialog;
        Refer(phones.Bob, old, phones.Carol);
        phones.Bob.IsHungUpOn();
        Join(phones.Carol, dave, phones.Bob);
        phones.Bob.Dialog = next;
        phones.Bob.Leaves();
        Hold(phones.Carol, dave);
        Hold(dave, phones.Carol);
        Server.End(phones.Carol, dave);
    }

    [Fact]
    public void RFC_3264_8_A_party_that_has_refused_an_offer_never_hears_its_number_again()
    {
        Phones phones = Connect(true, true);
        phones.Alice.Dialog = phones.Second;
        phones.Alice.Reinvite(TestSdp.Audio(4000, "sendonly", version: 2));
        phones.Carol.Expect("INVITE");
        phones.Carol.Refuses(488);
        phones.Alice.Expect(100);
        phones.Alice.Expect(488);
        phones.Alice.Dialog = phones.First;
        Complete(phones);
        phones.Carol.HasOneSessionInEachDialog();
        Server.End(phones.Bob, phones.Carol);
    }

    [Fact]
    public void RFC_3891_Early_only_does_not_replace_an_answered_call()
    {
        Phones phones = Connect(true, true);
        Refer(phones.Alice, phones.Second, phones.Carol, ";early-only");
        phones.Alice.HearsOf("SIP/2.0 486 Busy Here");
        phones.Carol.ExpectNothing();
        EndBoth(phones);
    }

    [Fact]
    public void RFC_3891_Tags_that_fit_no_call_get_481()
    {
        Phones phones = Connect(true, true);
        string tag = phones.Second.RemoteTag;
        phones.Second.RemoteTag = tag[..^1] + (tag[^1] == '0' ? '1' : '0');
        Refer(phones.Alice, phones.Second, phones.Carol);
        phones.Alice.HearsOf("SIP/2.0 481 Call/Transaction Does Not Exist");
        phones.Second.RemoteTag = tag;
        EndBoth(phones);
    }

    [Fact]
    public void A_new_party_that_refuses_the_session_is_hung_up_and_the_first_call_goes_on()
    {
        Phones phones = Connect(true, true);
        Refer(phones.Alice, phones.Second, phones.Carol);
        phones.Alice.IsHungUpOn();
        phones.Carol.Expect("INVITE");
        phones.Carol.Refuses(488);
        phones.Carol.IsHungUpOn();
        phones.Alice.HearsOf("SIP/2.0 488 Not Acceptable Here");
        phones.Alice.Dialog = phones.First;
        Server.End(phones.Alice, phones.Bob);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void RFC_5589_7_3_A_transfer_before_the_answer_calls_the_new_party_anew(int loops)
    {
        Start($"[global]\nevent-loops={loops}");
        TestPhone alice = Server.AddPhone("alice");
        TestPhone bob = Server.AddPhone("bob", registered: true);
        TestPhone carol = Server.AddPhone("carol", registered: true);
        TestDialog first = Call(alice, bob);
        alice.Invite(carol.AddressOfRecord);
        TestMessage ringing = carol.Expect("INVITE");
        carol.Reply(180);
        alice.Expect(100);
        TestDialog second = alice.Dialog;
        second.RemoteTag = alice.Expect(180).ToTag;
        alice.Dialog = first;
        alice.Refers($"<sip:carol@192.0.2.1?Replaces={Uri.EscapeDataString(second.Replaces())}>");
        alice.Await(487, "INVITE");
        carol.Expect("CANCEL");
        carol.Reply(200);
        TestMessage again = carol.Expect("INVITE");
        carol.Refuses(ringing, 487);
        Assert.Contains("bob", again.Header("From"), StringComparison.Ordinal);
        Join(carol, bob, alice, again);
        alice.Dialog = first;
        alice.Leaves();
        Server.End(bob, carol);
    }

    [Theory]
    [InlineData(1, "")]
    [InlineData(3, ";early-only")]
    public void Where_REFER_is_passed_on_past_the_server_the_ids_are_those_of_the_other_side(int loops, string parameters)
    {
        Start($"[global]\nevent-loops={loops}\n[b2bua]\ntransfer=pass");
        TestPhone alice = Server.AddPhone("alice", registered: true);
        TestPhone bob = Server.AddPhone("bob");
        TestPhone carol = Server.AddPhoneAt("192.0.2.77:5060", "carol");
        Server.Call(bob, alice);
        TestDialog first = alice.Dialog;
        Server.Call(carol, alice);
        TestDialog second = alice.Dialog;
        alice.Dialog = first;
        string replaces = Uri.EscapeDataString(second.Replaces() + parameters);
        alice.Ask("REFER", headers: $"Refer-To: \"Carol\" <sip:carol@biloxi.example.com?Subject=x&Replaces={replaces}&X-A=b>;x=y");
        TestDialog far = carol.Dialog;
        string named = Uri.EscapeDataString($"{far.CallId};to-tag={far.LocalTag};from-tag={far.RemoteTag}{parameters}");
        Assert.Equal($"\"Carol\" <sip:carol@biloxi.example.com?Subject=x&Replaces={named}&X-A=b>;x=y", bob.Expect("REFER").Header("Refer-To"));
        bob.Reply(202);
        alice.Expect(202);
        Server.HangUp(alice, bob);
        alice.Dialog = second;
        Server.HangUp(carol, alice);
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData("7@elsewhere;to-tag=1;from-tag=2")]
    [InlineData("7@elsewhere;to-tag=00000000000000000000000000000000;from-tag=2")]
    public void Where_REFER_is_passed_on_ids_of_no_call_of_ours_stay_as_they_are(string replaces)
    {
        Start("[b2bua]\ntransfer=pass");
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Call(alice, bob);
        string to = $"<sip:carol@biloxi.example.com?Replaces={Uri.EscapeDataString(replaces)}>";
        alice.Ask("REFER", headers: "Refer-To: " + to);
        Assert.Equal(to, bob.Expect("REFER").Header("Refer-To"));
        bob.Reply(202);
        alice.Expect(202);
        Server.End(alice, bob);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Where_REFER_is_passed_on_the_ids_in_it_lead_back_to_the_server(int loops)
    {
        Start($"[global]\nevent-loops={loops}\n[b2bua]\ntransfer=pass");
        Phones phones = Connect(true, true, differentLoops: loops > 1);
        string replaces = phones.Second.Replaces();
        phones.Alice.Ask("REFER", headers: $"Refer-To: <{phones.Carol.AddressOfRecord}?Replaces={Uri.EscapeDataString(replaces)}>");
        Assert.Contains(Uri.EscapeDataString(replaces), phones.Bob.Expect("REFER").Header("Refer-To"), StringComparison.Ordinal);
        phones.Bob.Reply(202);
        phones.Alice.Expect(202);
        TestDialog old = phones.Bob.Dialog;
        phones.Bob.Invite(phones.Carol.AddressOfRecord, TestSdp.Audio(phones.Bob.MediaPort()), "Replaces: " + replaces);
        phones.Carol.Expect("INVITE");
        phones.Carol.Accepts(TestSdp.Audio(phones.Carol.MediaPort(), version: 2));
        phones.Bob.Expect(100);
        phones.Bob.Expect(200);
        phones.Bob.Ack();
        TestDialog joined = phones.Bob.Dialog;
        phones.Alice.IsHungUpOn();
        phones.Bob.Dialog = old;
        Server.HangUp(phones.Bob, phones.Alice);
        phones.Bob.Dialog = joined;
        Server.End(phones.Bob, phones.Carol);
    }

    private void EndBoth(Phones phones)
    {
        phones.Alice.Dialog = phones.First;
        Server.HangUp(phones.Alice, phones.Bob);
        phones.Alice.Dialog = phones.Second;
        Server.End(phones.Alice, phones.Carol);
    }

    private void Complete(Phones phones)
    {
        Refer(phones.Alice, phones.Second, phones.Carol);
        phones.Alice.IsHungUpOn();
        Join(phones.Carol, phones.Bob, phones.Alice);
        phones.Alice.Dialog = phones.First;
        phones.Alice.Leaves();
        Server.Settle();
    }

    private static void Join(TestPhone joined, TestPhone staying, TestPhone transferor, TestMessage? invite = null)
    {
        invite ??= joined.Expect("INVITE");
        Assert.Contains($"m=audio {staying.MediaPort()} ", invite.Body, StringComparison.Ordinal);
        joined.Reply(invite, 200, TestSdp.Audio(joined.MediaPort(), version: 5));
        joined.Await("ACK");
        Assert.Contains($"m=audio {joined.MediaPort()} ", staying.Expect("INVITE").Body, StringComparison.Ordinal);
        staying.Accepts(TestSdp.Audio(staying.MediaPort(), version: 5));
        transferor.HearsOf("SIP/2.0 200 OK");
    }

    private static void Refer(TestPhone transferor, TestDialog replaced, TestPhone to, string parameters = "") =>
        transferor.Refers($"<{to.AddressOfRecord}?Require=replaces&Replaces={Uri.EscapeDataString(replaced.Replaces() + parameters)}>");

    private void Hold(TestPhone from, TestPhone to) => Server.Hold(from, to, version: 7);

    private TestDialog Call(TestPhone from, TestPhone to)
    {
        Server.Call(from, to);
        return from.Dialog;
    }

    // The loop of a call is the first two digits of each of our tags.
    private Phones Connect(bool callsFirst, bool callsSecond, bool differentLoops = false)
    {
        TestPhone alice = Server.AddPhone("alice", registered: true);
        TestPhone bob = Server.AddPhone("bob", registered: true);
        TestPhone carol = Server.AddPhone("carol", registered: true);
        _ = callsFirst ? Call(alice, bob) : Call(bob, alice);
        TestDialog first = alice.Dialog;
        Hold(alice, bob);
        while (true)
        {
            _ = callsSecond ? Call(alice, carol) : Call(carol, alice);
            TestDialog second = alice.Dialog;
            if (!differentLoops || second.RemoteTag[..2] != first.RemoteTag[..2])
            {
                alice.Dialog = first;
                return new Phones(alice, bob, carol, first, second);
            }

            Server.HangUp(alice, carol);
        }
    }

    private sealed record Phones(TestPhone Alice, TestPhone Bob, TestPhone Carol, TestDialog First, TestDialog Second);
}
