namespace Sip.B2bua.FunctionalTests;

/// <summary>A MESSAGE reaches every device of its user, those that come later included.</summary>
public sealed class LateMessageTests : InMemoryTests
{
    private const string Device = ";+sip.instance=\"<urn:uuid:1>\"";
    private const string Kept = "kept for bob@example.org";

    [Fact]
    public void Each_device_gets_it_and_the_first_success_goes_back()
    {
        TestPhone one = Server.AddPhone("bob", registered: true);
        TestPhone two = Server.AddPhone("bob", "TCP", registered: true);
        TestPhone alice = Send();
        one.Expect("MESSAGE");
        two.Expect("MESSAGE");
        two.Reply(200, headers: "X-Answer: 2");
        Assert.Equal("2", alice.Expect(200).Header("X-Answer"));
        one.Reply(200);
        one.Register();
        Server.ExpectNothingLeft();
        Assert.DoesNotContain(Server.Log, line => line.Contains(Kept, StringComparison.Ordinal));
    }

    [Fact]
    public void Nobody_is_there_and_it_comes_when_the_device_registers()
    {
        TestPhone alice = Send("X-Imdn: yes\r\nSubject: hi");
        Assert.Equal("Accepted", alice.Expect(202).Reason);
        TestPhone bob = Server.AddPhone("bob");
        bob.Register(parameters: Device);
        TestMessage message = bob.Expect("MESSAGE");
        Assert.Equal(("hello", "text/plain", "yes", "hi", bob.ContactUri),
            (message.Body, message.Header("Content-Type"), message.Header("X-Imdn"), message.Header("Subject"), message.RequestUri));
        Assert.StartsWith("<sip:alice@example.org>", message.Header("From"), StringComparison.Ordinal);
        Assert.False(message.Has("Contact"));
        Assert.NotEqual("", message.Header("Date"));
        bob.Reply(200);
        bob.Register(parameters: Device);
        Server.ExpectNothingLeft();
        Assert.Single(Server.Log, line => line.Contains("kept until now", StringComparison.Ordinal));
    }

    [Fact]
    public void Each_device_that_comes_gets_it_once()
    {
        Send().Expect(202);
        foreach (int device in new[] { 1, 2, 1, 2 })
        {
            TestPhone bob = Server.AddPhone("bob");
            bob.Register(parameters: $";+sip.instance=\"<urn:uuid:{device}>\"");
            if (bob.Received.Any(m => m.Method == "MESSAGE"))
            {
                bob.Expect("MESSAGE");
                bob.Reply(200);
            }
        }

        Server.ExpectNothingLeft();
        Assert.Equal(2, Server.Log.Count(line => line.Contains("kept until now", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_device_that_does_not_say_who_it_is_gets_it_only_if_nobody_had_it()
    {
        Send().Expect(202);
        TestPhone first = Server.AddPhone("bob", registered: true);
        first.Expect("MESSAGE");
        first.Reply(200);
        TestPhone second = Server.AddPhone("bob", registered: true);
        second.ExpectNothing();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_silent_device_costs_the_sender_five_seconds_and_gets_it_when_it_is_back()
    {
        TestPhone bob = Server.AddPhone("bob");
        bob.Register(parameters: Device);
        TestPhone alice = Send();
        NothingBefore(5, alice);
        alice.Expect(202);
        Server.Advance(40);
        bob.Skip();
        bob.Register(parameters: Device);
        bob.Expect("MESSAGE");
        bob.Reply(200);
        bob.Register(parameters: Device);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_device_that_answers_late_has_had_it()
    {
        TestPhone bob = Asked();
        TestMessage message = bob.Expect("MESSAGE");
        bob.Skip();
        bob.Reply(message, 200);
        bob.Register(parameters: Device);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_device_that_registers_anew_while_it_is_asked_gets_it_after_that()
    {
        TestPhone bob = Asked();
        TestPhone moved = Server.AddPhone("bob");
        moved.Register(parameters: Device);
        moved.ExpectNothing();
        moved.Await("MESSAGE", 40);
        moved.Reply(200);
        bob.Skip();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_device_that_moves_while_it_gets_what_is_kept_gets_it_where_it_is_now()
    {
        Send().Expect(202);
        TestPhone bob = Server.AddPhone("bob");
        bob.Register(parameters: Device);
        bob.Expect("MESSAGE");
        Server.Advance(1);
        TestPhone moved = Server.AddPhone("bob");
        moved.Register(parameters: Device);
        moved.ExpectNothing();
        moved.Await("MESSAGE", 40);
        moved.Reply(200);
        bob.Skip();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_device_that_wakes_and_answers_while_it_gets_older_messages_does_not_get_it_again()
    {
        Send(body: "one").Expect(202);
        TestPhone bob = Server.AddPhone("bob");
        bob.Register(parameters: Device);
        Server.Advance(40); // asleep
        bob.Skip();
        TestPhone alice = Send(body: "two");
        TestMessage two = bob.Expect("MESSAGE");
        Server.Advance(6);
        alice.Expect(202);
        bob.Skip();
        bob.Register(parameters: Device);
        TestMessage one = bob.Expect("MESSAGE");
        Assert.Equal(("one", "two"), (one.Body, two.Body));
        bob.Reply(two, 200);
        bob.Reply(one, 200);
        bob.ExpectNothing();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void When_every_device_refuses_the_sender_is_told_202_all_the_same()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.AskOutside("MESSAGE", TestCalls.Bob, "hello");
        bob.Expect("MESSAGE");
        bob.Reply(415);
        alice.Expect(202);
        bob.Register();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void One_device_has_it_and_the_other_gets_it_later()
    {
        TestPhone one = Server.AddPhone("bob");
        one.Register(parameters: Device);
        TestPhone two = Server.AddPhone("bob");
        two.Register(parameters: ";+sip.instance=\"<urn:uuid:2>\"");
        TestPhone alice = Send();
        one.Expect("MESSAGE");
        one.Reply(200);
        alice.Expect(200);
        Server.Advance(40);
        two.Skip();
        one.Register(parameters: Device);
        one.ExpectNothing();
        two.Register(parameters: ";+sip.instance=\"<urn:uuid:2>\"");
        two.Expect("MESSAGE");
        two.Reply(200);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_device_with_two_flows_gets_it_once()
    {
        // RFC 5626: instance and reg-id name the flow, the instance alone the device.
        Send().Expect(202);
        foreach (int flow in new[] { 1, 2 })
        {
            TestPhone bob = Server.AddPhone("bob");
            bob.SendRegister(parameters: $";+sip.instance=\"<urn:uuid:1>\";reg-id={flow}", headers: "Supported: outbound, path");
            bob.Expect(200);
            if (flow == 1)
            {
                bob.Expect("MESSAGE");
                bob.Reply(200);
            }

            bob.ExpectNothing();
        }

        Server.ExpectNothingLeft();
    }

    [Fact]
    public void Messages_come_one_after_the_other_the_urgent_first()
    {
        foreach ((string body, string headers) in new[] { ("one", ""), ("two", "Priority: urgent"), ("three", "") })
        {
            Server.AddPhone("alice").AskOutside("MESSAGE", TestCalls.Bob, body, headers);
        }

        Server.Settle();
        TestPhone bob = Server.AddPhone("bob", registered: true);
        foreach (string body in new[] { "two", "one", "three" })
        {
            Assert.Equal(body, bob.Expect("MESSAGE").Body);
            bob.ExpectNothing();
            bob.Reply(200);
        }

        bob.ExpectNothing();
    }

    [Fact]
    public void A_message_waits_for_those_before_it_no_longer_than_max_request_retention_time()
    {
        Start("[module::Router]\nmax-request-retention-time=3");
        TestPhone bob = WithKept("one", "two", "three");
        TestMessage one = bob.Expect("MESSAGE");
        NothingBefore(3, bob);
        TestMessage two = bob.Expect("MESSAGE");
        TestMessage three = bob.Expect("MESSAGE");
        Assert.Equal(("one", "two", "three"), (one.Body, two.Body, three.Body));
        foreach (TestMessage message in new[] { three, one, two })
        {
            bob.Reply(message, 200);
        }

        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_message_that_comes_while_older_ones_are_delivered_waits_behind_them_unless_it_is_urgent()
    {
        TestPhone bob = WithKept("one", "two");
        TestMessage one = bob.Expect("MESSAGE");
        TestPhone alice = Send(body: "three");
        bob.ExpectNothing();
        TestPhone carol = Server.AddPhone("carol");
        carol.AskOutside("MESSAGE", TestCalls.Bob, "now", "Priority: emergency");
        Assert.Equal("now", bob.Expect("MESSAGE").Body);
        bob.Reply(200);
        carol.Expect(200);
        bob.Reply(one, 200);
        foreach (string body in new[] { "two", "three" })
        {
            Assert.Equal(body, bob.Expect("MESSAGE").Body);
            bob.ExpectNothing();
            alice.ExpectNothing();
            bob.Reply(200);
        }

        alice.Expect(200);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_message_that_waits_too_long_behind_others_is_kept_and_comes_once()
    {
        (TestPhone bob, TestMessage one, TestPhone alice) = WithOneUnderWay();
        Server.Advance(5.1);
        alice.Expect(202);
        bob.Reply(one, 200);
        Assert.Equal("two", bob.Expect("MESSAGE").Body);
        bob.Reply(200);
        bob.Register(parameters: Device);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_message_that_comes_meanwhile_waits_no_longer_than_max_request_retention_time_either()
    {
        Start("[module::Router]\nmax-request-retention-time=3");
        (TestPhone bob, TestMessage one, TestPhone alice) = WithOneUnderWay();
        NothingBefore(3, bob);
        Assert.Equal("two", bob.Expect("MESSAGE").Body);
        bob.Reply(200);
        alice.Expect(200);
        bob.Reply(one, 200);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void What_is_kept_meanwhile_does_not_prolong_the_wait_of_what_was_kept_before()
    {
        TestPhone bob = WithKept("one", "two");
        TestMessage one = bob.Expect("MESSAGE");
        Server.Advance(1);
        TestPhone alice = Send(body: "three");
        Server.Advance(5.1);
        alice.Expect(202);
        NothingBefore(23.9, bob);
        TestMessage two = bob.Expect("MESSAGE");
        Assert.Equal(("one", "two"), (one.Body, two.Body));
        bob.ExpectNothing();
        bob.Reply(one, 200);
        bob.Reply(two, 200);
        Assert.Equal("three", bob.Expect("MESSAGE").Body);
        bob.Reply(200);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_message_that_waits_too_long_behind_others_and_does_not_fit_is_not_sent_after_all()
    {
        Start("[module::Router]\nmax-kept-messages-per-user=1");
        (TestPhone bob, TestMessage one, TestPhone alice) = WithOneUnderWay();
        Server.Advance(5.1);
        alice.Expect(480);
        bob.Reply(one, 200);
        bob.ExpectNothing();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void What_does_not_fit_while_a_device_is_silent_leaves_nothing_behind()
    {
        Start("[module::Router]\nmax-kept-messages-per-user=1");
        TestPhone bob = Asked();
        TestPhone alice = Send(body: "two");
        Server.Advance(5.1);
        alice.Expect(480);
        Server.Advance(40);
        bob.Skip();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void What_waits_behind_a_message_that_fails_is_tried_and_comes_again_with_the_next_registration()
    {
        TestPhone bob = WithKept("one");
        bob.Expect("MESSAGE");
        TestPhone alice = Send(body: "two");
        bob.Reply(503);
        Assert.Equal("two", bob.Expect("MESSAGE").Body);
        bob.Reply(503);
        alice.Expect(202);
        Server.Advance(1);
        bob.Register(parameters: Device);
        foreach (string body in new[] { "one", "two" })
        {
            Assert.Equal(body, bob.Expect("MESSAGE").Body);
            bob.Reply(200);
        }

        Server.ExpectNothingLeft();
    }

    [Fact]
    public void What_is_good_for_this_moment_only_is_not_kept()
    {
        TestPhone alice = Server.AddPhone("alice");
        alice.AskOutside("MESSAGE", TestCalls.Bob, "<x/>", type: "application/im-iscomposing+xml");
        alice.Expect(480);
        alice.AskOutside("MESSAGE", TestCalls.Bob, "now", "Expires: 0");
        alice.Expect(480);
        alice.AskOutside("MESSAGE", "sip:nobody@example.org", "hello");
        alice.Expect(404);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void Nothing_is_kept_for_a_chat_room()
    {
        TestPhone alice = Server.AddPhone("alice");
        TestPhone room = Server.AddPhone("chatroom-1", registered: true);
        alice.AskOutside("MESSAGE", "sip:chatroom-1@example.org", "hello");
        room.Expect("MESSAGE");
        room.Reply(503);
        alice.Expect(500); // 16.7: a 503 is the one target's, not the caller's
        room.Register();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void Message_delivery_timeout_is_the_longest_time_that_a_message_is_kept()
    {
        Start("[module::Router]\nmessage-delivery-timeout=30");
        Send("Expires: 3600").Expect(202);
        Server.Advance(31);
        Server.AddPhone("bob", registered: true).ExpectNothing();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void Message_accept_timeout_is_what_a_silent_device_costs_the_sender()
    {
        Start("[module::Router]\nmessage-accept-timeout=2");
        TestPhone bob = Server.AddPhone("bob", registered: true);
        TestPhone alice = Send();
        bob.Expect("MESSAGE");
        NothingBefore(2, alice);
        alice.Expect(202);
    }

    [Fact]
    public void Nothing_is_delivered_after_its_time()
    {
        Send("Expires: 60").Expect(202);
        Server.Advance(61);
        Server.AddPhone("bob", registered: true).ExpectNothing();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void What_is_too_large_or_one_too_many_is_refused_with_the_reason()
    {
        Start("[module::Router]\nmax-kept-message-size=600\nmax-kept-messages-per-user=1");
        TestPhone alice = Server.AddPhone("alice");
        alice.AskOutside("MESSAGE", TestCalls.Bob, new string('x', 600));
        Assert.Equal("The user is not there and the message cannot be kept", alice.Expect(480).Reason);
        alice.AskOutside("MESSAGE", TestCalls.Bob, "one");
        alice.Expect(202);
        alice.AskOutside("MESSAGE", TestCalls.Bob, "two");
        alice.Expect(480);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void The_senders_Date_and_body_stay_as_they_are()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.AskOutside("MESSAGE", TestCalls.Bob, "imdn", "Date: Sat, 13 Nov 2010 23:29:00 GMT\r\nX-Unknown: 1", "message/cpim");
        TestMessage message = bob.Expect("MESSAGE");
        Assert.Equal(("Sat, 13 Nov 2010 23:29:00 GMT", "imdn", "message/cpim", "1"),
            (message.Header("Date"), message.Body, message.Header("Content-Type"), message.Header("X-Unknown")));
        bob.Reply(200);
        alice.Expect(200);
        Server.ExpectNothingLeft();
    }

    // A device that has registered, with messages kept for it.
    private TestPhone WithKept(params string[] bodies)
    {
        foreach (string body in bodies)
        {
            TestPhone alice = Server.AddPhone("alice");
            alice.AskOutside("MESSAGE", TestCalls.Bob, body);
            alice.Expect(202);
        }

        TestPhone bob = Server.AddPhone("bob", "TCP");
        bob.Register(parameters: Device);
        return bob;
    }

    // A device that has not yet answered the first of two messages.
    private (TestPhone Bob, TestMessage One, TestPhone Alice) WithOneUnderWay()
    {
        TestPhone bob = WithKept("one");
        return (bob, bob.Expect("MESSAGE"), Send(body: "two"));
    }

    private void NothingBefore(double seconds, TestPhone phone)
    {
        Server.Advance(seconds - 0.1);
        phone.ExpectNothing();
        Server.Advance(0.2);
    }

    // A device that is silent for so long that the sender is told 202.
    private TestPhone Asked()
    {
        TestPhone bob = Server.AddPhone("bob");
        bob.Register(parameters: Device);
        TestPhone alice = Send();
        Server.Advance(6);
        alice.Expect(202);
        return bob;
    }

    private TestPhone Send(string headers = "", string body = "hello")
    {
        TestPhone alice = Server.AddPhone("alice");
        alice.AskOutside("MESSAGE", TestCalls.Bob, body, headers);
        return alice;
    }
}
