namespace Sip.B2bua.FunctionalTests;

/// <summary>Subscriptions (RFC 6665) are bridged: two dialogs, one on each side.</summary>
public sealed class SubscriptionTests : InMemoryTests
{
    private TestPhone alice = null!;
    private TestPhone bob = null!;

    [Fact]
    public void A_subscription_is_two_dialogs_and_neither_side_sees_the_other()
    {
        SetUp();
        TestMessage asked = alice.Subscribe(TestCalls.Bob, headers: "X-Own: 1");
        TestMessage subscribe = bob.ExpectSubscribe();
        Assert.Equal(("presence", "600", "application/pidf+xml", "1"),
            (subscribe.Header("Event"), subscribe.Header("Expires"), subscribe.Header("Accept"), subscribe.Header("X-Own")));
        Assert.NotEqual(asked.CallId, subscribe.CallId);
        Assert.NotEqual(asked.FromTag, subscribe.FromTag);
        Assert.DoesNotContain(alice.Host, subscribe.Text, StringComparison.Ordinal);
        bob.Accept(300);
        TestMessage accepted = alice.ExpectAccepted();
        Assert.Equal("300", accepted.Header("Expires"));
        Assert.StartsWith("sip:192.0.2.1", accepted.ContactUri, StringComparison.Ordinal);
        bob.Notify(body: "<open/>");
        TestMessage notify = alice.Expect("NOTIFY");
        Assert.Equal(("presence", "active;expires=600", "<open/>", "application/pidf+xml"),
            (notify.Header("Event"), notify.Header("Subscription-State"), notify.Body, notify.Header("Content-Type")));
        Assert.Equal((asked.CallId, asked.FromTag, accepted.ToTag), (notify.CallId, notify.ToTag, notify.FromTag));
        Assert.DoesNotContain(bob.Host, notify.Text, StringComparison.Ordinal);
        alice.Reply(200);
        bob.Expect(200, "NOTIFY");
        bob.Notify("terminated;reason=noresource", "");
        Assert.Equal("terminated;reason=noresource", alice.Expect("NOTIFY").Header("Subscription-State"));
        alice.Reply(200);
        bob.Expect(200, "NOTIFY");
        ExpectOver();
    }

    [Fact]
    public void A_NOTIFY_that_comes_before_the_answer_makes_the_subscription()
    {
        // RFC 6665 4.1.2.4, 4.4.1
        SetUp();
        alice.Subscribe(TestCalls.Bob);
        TestMessage subscribe = bob.ExpectSubscribe();
        bob.Notify("active;expires=500");
        Assert.Equal("500", alice.ExpectAccepted().Header("Expires"));
        alice.Expect("NOTIFY");
        alice.Reply(200);
        bob.Expect(200, "NOTIFY");
        bob.Reply(subscribe, 200, headers: "Expires: 500", toTag: bob.Dialog.LocalTag);
        alice.ExpectNothing();
        bob.Notify("terminated;reason=deactivated");
        alice.Expect("NOTIFY");
        alice.Reply(200);
        bob.Expect(200, "NOTIFY");
        ExpectOver();
    }

    [Fact]
    public void A_refresh_crosses_and_so_does_its_answer()
    {
        Establish();
        alice.Refresh(900);
        TestMessage refresh = bob.Expect("SUBSCRIBE");
        Assert.Equal(("900", "2", bob.ContactUri), (refresh.Header("Expires"), refresh.Header("CSeq").Split(' ')[0], refresh.RequestUri));
        bob.Accept(450);
        Assert.Equal("450", alice.ExpectAccepted().Header("Expires"));
        Exchange("active;expires=450");
        Finish();
    }

    [Fact]
    public void A_refresh_that_is_too_short_gets_423_with_the_least_time()
    {
        Establish();
        alice.Refresh(10);
        bob.Expect("SUBSCRIBE");
        bob.Reply(423, headers: "Min-Expires: 60");
        Assert.Equal("60", alice.Expect(423).Header("Min-Expires"));
        Exchange(); // RFC 6665 4.1.2.2: the subscription stands
        Finish();
    }

    [Fact]
    public void An_unsubscribe_crosses_and_the_last_NOTIFY_ends_it()
    {
        Establish();
        alice.Refresh(0);
        Assert.Equal("0", bob.Expect("SUBSCRIBE").Header("Expires"));
        bob.Accept(0);
        alice.ExpectAccepted();
        Exchange("terminated;reason=timeout");
        ExpectOver();
        alice.Refresh();
        alice.Expect(481);
        bob.Notify();
        bob.Expect(481);
    }

    [Fact]
    public void A_fetch_is_a_subscription_of_one_NOTIFY()
    {
        // RFC 6665 4.4.3
        SetUp();
        alice.Subscribe(TestCalls.Bob, expires: 0);
        bob.ExpectSubscribe();
        bob.Accept(0);
        Assert.Equal("0", alice.ExpectAccepted().Header("Expires"));
        Exchange("terminated;reason=timeout");
        ExpectOver();
    }

    [Fact]
    public void A_notifier_that_refuses_is_heard()
    {
        SetUp();
        alice.Subscribe(TestCalls.Bob);
        bob.ExpectSubscribe();
        bob.Reply(489, headers: "Allow-Events: dialog", reason: "Bad Event");
        TestMessage answer = alice.Expect(489);
        Assert.Equal(("Bad Event", "dialog"), (answer.Reason, answer.Header("Allow-Events")));
        ExpectOver();
    }

    [Fact]
    public void Of_two_devices_the_first_to_accept_notifies_and_the_other_gets_481()
    {
        // RFC 6665 4.4.1
        SetUp();
        TestPhone second = Server.AddPhone("bob", registered: true);
        alice.Subscribe(TestCalls.Bob);
        bob.ExpectSubscribe();
        second.ExpectSubscribe();
        bob.Accept();
        alice.ExpectAccepted();
        second.Accept();
        second.Notify();
        second.Expect(481, "NOTIFY");
        Exchange();
        Finish();
    }

    [Fact]
    public void A_NOTIFY_from_a_second_branch_of_a_fork_behind_the_target_gets_481()
    {
        Establish();
        bob.Dialog.LocalTag = "other";
        bob.Notify();
        bob.Expect(481);
        Server.Advance(32);
        Finish(tag: "first");
    }

    [Fact]
    public void A_subscription_without_any_NOTIFY_is_ended_by_Timer_N()
    {
        // RFC 6665 4.1.2.4
        SetUp();
        alice.Subscribe(TestCalls.Bob);
        bob.ExpectSubscribe();
        bob.Accept();
        alice.ExpectAccepted();
        Assert.StartsWith("terminated;reason=probation", alice.Await("NOTIFY", 33).Header("Subscription-State"), StringComparison.Ordinal);
        alice.Reply(200);
        bob.Notify();
        bob.Expect(481);
        ExpectOver();
    }

    [Fact]
    public void A_refresh_without_a_NOTIFY_is_the_end()
    {
        // RFC 6665 4.1.2.2
        Establish();
        alice.Refresh();
        bob.Expect("SUBSCRIBE");
        bob.Accept();
        alice.ExpectAccepted();
        Assert.Equal("terminated;reason=deactivated", alice.Await("NOTIFY", 33).Header("Subscription-State"));
        alice.Reply(200);
        ExpectOver();
    }

    [Fact]
    public void Who_does_not_refresh_loses_it_when_the_time_is_over()
    {
        Establish();
        Server.Advance(599);
        Assert.Equal(1, Server.Subscriptions);
        Assert.Equal("terminated;reason=timeout", alice.Await("NOTIFY", 40).Header("Subscription-State"));
        alice.Reply(200);
        ExpectOver();
    }

    [Fact]
    public void A_NOTIFY_may_shorten_it()
    {
        // RFC 6665 4.1.3
        Establish();
        Exchange("active;expires=60");
        Assert.Equal("terminated;reason=timeout", alice.Await("NOTIFY", 93).Header("Subscription-State"));
        alice.Reply(200);
        ExpectOver();
    }

    [Fact]
    public void A_subscriber_that_has_forgotten_it_ends_it_with_481()
    {
        Establish();
        bob.Notify();
        alice.Expect("NOTIFY");
        alice.Reply(481);
        bob.Expect(481);
        ExpectOver();
    }

    [Fact]
    public void A_subscriber_that_is_gone_ends_it_by_silence()
    {
        Establish();
        bob.Notify();
        Server.Advance(33);
        alice.Skip();
        bob.Expect(481, "NOTIFY");
        ExpectOver();
    }

    [Fact]
    public void A_notifier_that_has_forgotten_it_ends_it_with_481()
    {
        Establish();
        alice.Refresh();
        bob.Expect("SUBSCRIBE");
        bob.Reply(481);
        alice.Expect(481);
        ExpectOver();
    }

    [Fact]
    public void An_unsubscribe_before_the_first_NOTIFY_ends_it_at_once()
    {
        SetUp();
        alice.Subscribe(TestCalls.Bob);
        bob.ExpectSubscribe();
        bob.Accept();
        alice.ExpectAccepted();
        alice.Refresh(0);
        Assert.Equal("0", alice.Expect(200).Header("Expires"));
        Assert.Equal("terminated;reason=timeout", alice.Expect("NOTIFY").Header("Subscription-State"));
        alice.Reply(200);
        bob.Notify();
        bob.Expect(481);
        ExpectOver();
    }

    [Theory]
    [InlineData("message-summary")]
    [InlineData("reg")]
    public void What_only_a_server_knows_of_a_user_is_not_asked_of_its_own_phones(string package)
    {
        SetUp();
        bob.Subscribe(TestCalls.Bob, package: package);
        TestMessage answer = bob.Expect(489);
        Assert.Equal(("Nobody serves this event package here", "presence, dialog"), (answer.Reason, answer.Header("Allow-Events")));
        ExpectOver();
    }

    [Fact]
    public void A_phone_does_not_get_its_own_SUBSCRIBE_back()
    {
        SetUp();
        bob.Subscribe(TestCalls.Bob);
        bob.Expect(489);
        ExpectOver();
    }

    [Fact]
    public void A_PUBLISH_for_ones_own_address_is_refused()
    {
        SetUp();
        bob.AskOutside("PUBLISH", TestCalls.Bob, "<state/>", "Event: presence\r\nExpires: 600");
        Assert.Equal("Nobody keeps published state here", bob.Expect(489).Reason);
        ExpectOver();
    }

    [Fact]
    public void A_PUBLISH_for_somebody_else_goes_there()
    {
        SetUp();
        alice.AskOutside("PUBLISH", TestCalls.Bob, "report", "Event: vq-rtcpxr", "application/vq-rtcpxr");
        TestMessage publish = bob.Expect("PUBLISH");
        Assert.Equal(("vq-rtcpxr", "report"), (publish.Header("Event"), publish.Body));
        bob.Reply(200, headers: "SIP-ETag: 1");
        Assert.Equal("1", alice.Expect(200).Header("SIP-ETag"));
        ExpectOver();
    }

    [Fact]
    public void A_NOTIFY_that_nobody_asked_for_reaches_every_phone_of_the_user()
    {
        // RFC 3842 without a SUBSCRIBE, as telephone systems send it
        SetUp();
        TestPhone second = Server.AddPhone("bob", "TCP", registered: true);
        alice.AskOutside("NOTIFY", TestCalls.Bob, "Messages-Waiting: yes\r\n", "Event: message-summary\r\nSubscription-State: active",
            "application/simple-message-summary");
        foreach (TestPhone phone in new[] { bob, second })
        {
            TestMessage notify = phone.Expect("NOTIFY");
            Assert.Equal(("message-summary", "Messages-Waiting: yes\r\n"), (notify.Header("Event"), notify.Body));
            phone.Reply(200);
        }

        alice.Expect(200);
        ExpectOver();
    }

    [Fact]
    public void Options_of_resource_lists_cross()
    {
        // RFC 4662 4.5
        SetUp();
        alice.Subscribe(TestCalls.Bob, headers: "Supported: eventlist, 100rel");
        Assert.Equal("eventlist", bob.ExpectSubscribe().Header("Supported"));
        bob.Reply(bob.Request, 200, headers: $"Contact: <{bob.ContactUri}>\r\nExpires: 600\r\nRequire: eventlist", toTag: bob.Dialog.LocalTag);
        Assert.Equal("eventlist", alice.ExpectAccepted().Header("Require"));
        Exchange();
        Finish();
    }

    [Fact]
    public void More_subscriptions_than_a_user_may_have_are_refused_until_one_is_over()
    {
        Start("[b2bua]\nmax-subscriptions-per-user=1");
        Establish();
        TestDialog first = alice.Dialog;
        alice.Subscribe(TestCalls.Bob);
        TestMessage refusal = alice.Expect(503);
        Assert.Equal(("Too many subscriptions", "60"), (refusal.Reason, refusal.Header("Retry-After")));
        alice.Dialog = first;
        Finish();
        Establish(again: true);
        Finish();
    }

    [Fact]
    public void A_shutdown_ends_them_and_says_when_to_come_back()
    {
        Establish();
        Server.Stop();
        Assert.Equal("terminated;reason=probation;retry-after=30", alice.Expect("NOTIFY").Header("Subscription-State"));
        Assert.Equal("0", bob.Expect("SUBSCRIBE").Header("Expires"));
        Assert.Contains(Server.Log, line => line.Contains("ended 1 subscriptions", StringComparison.Ordinal));
    }

    [Fact]
    public void One_line_in_the_log_says_what_became_of_it()
    {
        Establish();
        Finish();
        Assert.Single(Server.Log, line => line.Contains("subscription sip:alice@example.org -> sip:bob@example.org presence: 200", StringComparison.Ordinal)
            && line.Contains("noresource", StringComparison.Ordinal));
    }

    private void SetUp() => (alice, bob) = Server.AddPair();

    private void Establish(bool again = false)
    {
        if (!again)
        {
            SetUp();
        }

        alice.Subscribe(TestCalls.Bob);
        bob.ExpectSubscribe();
        bob.Dialog.LocalTag = "first";
        bob.Accept();
        alice.ExpectAccepted();
        Exchange();
    }

    // A NOTIFY crosses, and so does its answer.
    private void Exchange(string state = "active;expires=600")
    {
        bob.Notify(state);
        Assert.Equal(state, alice.Expect("NOTIFY").Header("Subscription-State"));
        alice.Reply(200);
        bob.Expect(200, "NOTIFY");
    }

    private void Finish(string? tag = null)
    {
        bob.Dialog.LocalTag = tag ?? bob.Dialog.LocalTag;
        Exchange("terminated;reason=noresource");
        ExpectOver();
    }

    private void ExpectOver()
    {
        Server.Settle();
        Assert.Equal(0, Server.Subscriptions);
        Server.ExpectNothingLeft();
    }
}
