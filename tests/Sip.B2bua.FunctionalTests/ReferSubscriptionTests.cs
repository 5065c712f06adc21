namespace Sip.B2bua.FunctionalTests;

/// <summary>What a transferor may do with the subscription that its REFER has made (RFC 3515 2.4.4, RFC 6665 4.2).</summary>
public sealed class ReferSubscriptionTests : InMemoryTests
{
    private const string Carol = "sip:carol@example.org";

    private TestPhone alice = null!;
    private TestPhone bob = null!;
    private TestPhone carol = null!;

    [Theory]
    [InlineData(30, "30", "active;expires=30")]
    [InlineData(9000, "120", "active;expires=120")]
    public void RFC_6665_4_2_1_4_A_SUBSCRIBE_prolongs_it(int asked, string granted, string state)
    {
        TransferRings();
        Server.Advance(5);
        bob.Refresh(asked, "refer");
        Assert.Equal(granted, bob.Expect(200, "SUBSCRIBE").Header("Expires"));
        ExpectNotify("SIP/2.0 180 Ringing", state); // 4.2.1.2: at once
        Refused();
        ExpectNotify("SIP/2.0 486 Busy Here", "terminated;reason=noresource");
        End();
    }

    [Fact]
    public void RFC_3515_3_10_Of_progress_one_NOTIFY_a_second_is_told_and_the_outcome_at_once()
    {
        Connected();
        bob.Refers($"<{Carol}>");
        TestMessage invite = carol.Expect("INVITE");
        foreach (int code in new[] { 180, 181, 183 })
        {
            Server.Advance(0.2);
            carol.Reply(invite, code);
        }

        bob.ExpectNothing();
        Server.Advance(0.5);
        bob.HearsOf("SIP/2.0 183 Session Progress", "active"); // the newest
        carol.Reply(invite, 180);
        Server.Advance(0.8);
        bob.ExpectNothing();
        Server.Advance(0.3);
        bob.HearsOf("SIP/2.0 180 Ringing", "active");
        Server.Advance(5);
        carol.Reply(invite, 181);
        bob.HearsOf("SIP/2.0 181 Call Is Being Forwarded", "active"); // a second has long passed
        carol.Reply(invite, 180);
        Refused();
        bob.HearsOf("SIP/2.0 486 Busy Here", "terminated");
        bob.ExpectNothing();
        End();
    }

    [Fact]
    public void RFC_3515_2_4_4_Who_ends_it_does_not_end_the_transfer()
    {
        TransferRings();
        bob.Refresh(0, "refer");
        Assert.Equal("0", bob.Expect(200, "SUBSCRIBE").Header("Expires"));
        ExpectNotify("SIP/2.0 180 Ringing", "terminated;reason=timeout");
        carol.ExpectNothing();
        carol.Reply(carol.Dialog.ReceivedInvite!, 200, TestSdp.Audio(6000));
        carol.Expect("ACK");
        alice.Expect("INVITE");
        alice.Reply(200, TestSdp.Audio());
        alice.Expect("ACK");
        bob.ExpectNothing();
        bob.Bye();
        bob.Expect(200, "BYE");
        Server.HangUp(alice, carol);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void RFC_6665_4_2_1_4_It_expires_when_nobody_prolongs_it()
    {
        TransferRings();
        bob.Refresh(10, "refer");
        bob.Expect(200, "SUBSCRIBE");
        ExpectNotify("SIP/2.0 180 Ringing", "active;expires=10");
        Server.Advance(10.1);
        ExpectNotify("SIP/2.0 180 Ringing", "terminated;reason=timeout");
        Refused();
        bob.ExpectNothing();
        End();
    }

    [Fact]
    public void RFC_3515_2_4_6_A_SUBSCRIBE_names_the_REFER_that_it_is_about()
    {
        Connected();
        bob.Refers("<sip:nobody@example.org>");
        bob.HearsOf("SIP/2.0 404 Not Found");
        TestMessage refer = bob.Ask("REFER", headers: $"Refer-To: <{Carol}>");
        bob.Expect(202);
        bob.HearsOf("SIP/2.0 100 Trying");
        Rings();
        bob.Refresh(60, "refer");
        bob.Expect(403);
        bob.Refresh(60, "refer;id=" + refer.CSeq);
        bob.Expect(200, "SUBSCRIBE");
        Assert.Equal("refer;id=" + refer.CSeq, ExpectNotify("SIP/2.0 180 Ringing", "active;expires=60").Header("Event"));
        Refused();
        bob.HearsOf("SIP/2.0 486 Busy Here");
        End();
    }

    [Fact]
    public void RFC_3515_2_4_4_A_SUBSCRIBE_begins_nothing()
    {
        Connected();
        bob.Refresh(60, "refer");
        bob.Expect(403);
        bob.Refers("<sip:nobody@example.org>");
        bob.HearsOf("SIP/2.0 404 Not Found");
        bob.Refresh(60, "refer");
        bob.Expect(403);
        alice.ExpectNothing();
        End();
    }

    [Theory]
    [InlineData(481)]
    [InlineData(489)]
    [InlineData(604)]
    public void RFC_6665_4_2_2_Who_refuses_a_NOTIFY_is_told_no_more(int code)
    {
        Connected();
        bob.Ask("REFER", headers: $"Refer-To: <{Carol}>");
        bob.Expect(202);
        bob.Expect("NOTIFY");
        bob.Reply(code);
        carol.Expect("INVITE");
        carol.Reply(180);
        bob.ExpectNothing();
        bob.Refresh(60, "refer");
        bob.Expect(403);
        Refused();
        bob.ExpectNothing();
        End();
    }

    [Fact]
    public void RFC_6665_4_2_2_Who_does_not_answer_a_NOTIFY_is_told_no_more()
    {
        Connected();
        bob.Ask("REFER", headers: $"Refer-To: <{Carol}>");
        bob.Expect(202);
        bob.Expect("NOTIFY");
        carol.Expect("INVITE");
        carol.Reply(180);
        Server.Advance(33);
        bob.Skip(); // the repetitions
        Refused();
        bob.ExpectNothing();
        End();
    }

    [Fact]
    public void A_party_that_hangs_up_ends_it()
    {
        TransferRings();
        TestMessage invite = carol.Dialog.ReceivedInvite!;
        alice.Bye();
        alice.Expect(200, "BYE");
        carol.Expect("CANCEL");
        carol.Reply(200);
        carol.Reply(invite, 487);
        carol.Expect("ACK");
        bob.Expect("BYE");
        bob.Reply(200);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void Where_REFER_is_passed_on_so_is_the_SUBSCRIBE()
    {
        Start("[b2bua]\ntransfer=pass");
        Connected();
        bob.Ask("REFER", headers: $"Refer-To: <{Carol}>");
        alice.Expect("REFER");
        alice.Reply(202);
        bob.Expect(202);
        bob.Refresh(60, "refer");
        Assert.Equal("refer", alice.Expect("SUBSCRIBE").Header("Event"));
        alice.Reply(200, headers: "Expires: 60");
        Assert.Equal("60", bob.Expect(200, "SUBSCRIBE").Header("Expires"));
        End();
    }

    [Theory]
    [InlineData("Refer-Sub: false")]
    [InlineData("Refer-Sub: false;x=1\r\nRequire: norefersub")]
    public void RFC_4488_4_Without_a_subscription_there_is_nothing_to_prolong(string header)
    {
        Connected();
        bob.Ask("REFER", headers: $"Refer-To: <{Carol}>\r\n{header}");
        Assert.Equal("false", bob.Expect(200).Header("Refer-Sub"));
        Rings(told: false);
        bob.Refresh(60, "refer");
        bob.Expect(403);
        Refused();
        End();
    }

    [Fact]
    public void A_second_REFER_of_the_transferor_waits_for_the_first()
    {
        TransferRings();
        bob.Ask("REFER", headers: "Refer-To: <sip:dave@example.org>");
        bob.Expect(491);
        Refused();
        bob.HearsOf("SIP/2.0 486 Busy Here");
        bob.Refers("<sip:dave@example.org>");
        bob.HearsOf("SIP/2.0 480 Temporarily Unavailable");
        End();
    }

    [Fact]
    public void RFC_3261_19_1_5_What_the_transferor_has_to_say_to_the_new_party_goes_along()
    {
        Connected();
        bob.Refers($"<{Carol}?Subject=From%20the%20desk&User-to-User=48%3Bencoding%3Dhex&X-Case=17&Require=replaces&body=x"
            + "&From=%3Csip:m%40x%3E&Via=SIP/2.0/UDP%20h&Route=%3Csip:evil%3E&Contact=%3Csip:evil%3E&Organization=o&Accept=a/b&Referred-By=m>");
        TestMessage invite = carol.Expect("INVITE");
        Assert.Equal(("From the desk", "48;encoding=hex", "17"), (invite.Header("Subject"), invite.Header("User-to-User"), invite.Header("X-Case")));
        Assert.Contains("sip:alice@", invite.Header("From"), StringComparison.Ordinal);
        Assert.Equal("<sip:bob@example.org>", invite.Header("Referred-By"));
        Assert.DoesNotContain("evil", invite.Text, StringComparison.Ordinal);
        Assert.False(invite.Has("Organization") || invite.Has("Accept") || invite.Has("Route"));
        carol.Reply(486);
        carol.Expect("ACK");
        bob.HearsOf("SIP/2.0 486 Busy Here");
        End();
    }

    [Theory]
    [InlineData("Subject=a%0D%0AP-Asserted-Identity:%20x", 400)]
    [InlineData("X-A=%0Ab", 400)]
    [InlineData("Require=teleport", 403)]
    public void RFC_3261_19_1_5_A_request_that_may_not_be_made_is_not_made(string headers, int code)
    {
        Connected();
        bob.Ask("REFER", headers: $"Refer-To: <{Carol}?{headers}>");
        bob.Expect(code);
        carol.ExpectNothing();
        End();
    }

    private void Connected()
    {
        (alice, bob) = Server.AddPair();
        carol = Server.AddPhone("carol", registered: true);
        Server.Call(alice, bob);
    }

    // Bob sends Alice to Carol, whose phone rings.
    private void TransferRings()
    {
        Connected();
        bob.Refers($"<{Carol}>");
        Rings();
    }

    private void Rings(bool told = true)
    {
        carol.Expect("INVITE");
        carol.Reply(180);
        if (told)
        {
            bob.HearsOf("SIP/2.0 180 Ringing");
        }
    }

    private void Refused()
    {
        carol.Reply(carol.Dialog.ReceivedInvite!, 486);
        carol.Expect("ACK");
    }

    private TestMessage ExpectNotify(string status, string state)
    {
        TestMessage notify = bob.Expect("NOTIFY");
        Assert.Equal((status + "\r\n", state), (notify.Body, notify.Header("Subscription-State")));
        bob.Reply(200);
        return notify;
    }

    private void End()
    {
        Server.HangUp(bob, alice);
        Server.ExpectNothingLeft();
    }
}
