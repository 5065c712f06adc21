namespace Sip.B2bua.FunctionalTests;

/// <summary>What the server says that it can do, it does: Allow, Supported and Allow-Events (RFC 3261 20.5, 20.37; RFC 6665 8.2.2).</summary>
public sealed class CapabilityTests : InMemoryTests
{
    [Fact]
    public void RFC_3261_20_5_Every_method_that_is_allowed_within_a_call_is_served_there()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob);
        TestMessage invite = bob.Expect("INVITE");
        bob.Accepts();
        alice.Expect(100);
        TestMessage answer = alice.Expect(200);
        alice.Ack();
        Assert.Equal(invite.Header("Allow"), answer.Header("Allow"));
        foreach (string method in answer.Header("Allow").Split(", "))
        {
            if (method is "INVITE" or "ACK" or "CANCEL" or "BYE" or "PRACK")
            {
                continue; // what calls are made of; other tests know
            }

            alice.Ask(method, headers: method == "REFER" ? "Refer-To: <sip:nobody@example.org>" : "Event: x\r\nExpires: 60\r\nSubscription-State: active");
            if (method is not ("OPTIONS" or "REFER" or "UPDATE"))
            {
                bob.Expect(method);
                bob.Reply(200, headers: "Expires: 60");
            }

            alice.Expect(method == "REFER" ? 202 : 200, method);
            if (method == "REFER")
            {
                alice.HearsOf("SIP/2.0 100 Trying");
                alice.HearsOf("SIP/2.0 404 Not Found");
            }
        }

        Server.End(alice, bob);
    }

    [Fact]
    public void RFC_3261_20_37_Every_option_that_is_supported_may_be_required()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Call(alice, bob);
        alice.Ask("OPTIONS");
        TestMessage answer = alice.Expect(200);
        Assert.Equal("application/sdp, multipart/mixed, multipart/alternative", answer.Header("Accept")); // 11.2
        string[] options = answer.Header("Supported").Split(", ");
        Assert.Contains("tdialog", options);
        foreach (string option in options)
        {
            alice.Ask("OPTIONS", headers: "Require: " + option);
            alice.Expect(200);
        }

        Server.End(alice, bob);
    }

    [Fact]
    public void RFC_3261_20_5_Every_method_that_the_server_allows_is_known_to_it()
    {
        TestPhone alice = Server.AddPhone("alice");
        TestPhone bob = Server.AddPhone("bob", registered: true);
        alice.AskOutside("OPTIONS", "sip:192.0.2.1");
        TestMessage answer = alice.Expect(200);
        Assert.Equal("presence, dialog", answer.Header("Allow-Events"));
        foreach (string method in answer.Header("Allow").Split(", "))
        {
            if (method is "INVITE" or "ACK" or "CANCEL" or "BYE" or "PRACK" or "UPDATE")
            {
                continue;
            }

            alice.AskOutside(method, method == "REGISTER" ? "sip:example.org" : bob.AddressOfRecord, headers: "Event: presence\r\nRefer-To: <sip:x@example.org>");
            if (method is "SUBSCRIBE" or "NOTIFY" or "PUBLISH" or "OPTIONS" or "INFO" or "MESSAGE")
            {
                bob.Expect(method);
                bob.Reply(486);
            }

            Server.Settle();
            Assert.DoesNotContain(alice.Received[^1].Code, new[] { 405, 501, 420 });
            alice.Skip();
        }

        foreach (string option in answer.Header("Supported").Split(", "))
        {
            alice.AskOutside("OPTIONS", "sip:192.0.2.1", headers: "Require: " + option);
            alice.Expect(200);
        }

        Server.ExpectNothingLeft();
    }

    [Fact]
    public void RFC_3261_8_2_1_A_method_that_has_no_place_in_a_subscription_is_told_what_has()
    {
        TestPhone alice = Server.AddPhone("alice");
        TestPhone bob = Server.AddPhone("bob", registered: true);
        alice.Subscribe(bob.AddressOfRecord);
        bob.ExpectSubscribe();
        bob.Accept();
        alice.ExpectAccepted();
        alice.Ask("INFO");
        Assert.Equal("SUBSCRIBE, NOTIFY", alice.Expect(405).Header("Allow"));
        bob.Notify("terminated;reason=noresource");
        alice.Expect("NOTIFY");
        alice.Reply(200);
        bob.Expect(200);
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void RFC_3911_4_A_call_can_be_named_but_not_joined(int loops)
    {
        Start($"[global]\nevent-loops={loops}");
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        TestPhone carol = Server.AddPhone("carol");
        Server.Call(alice, bob);
        string dialog = alice.Dialog.Replaces();
        Join(carol, dialog, 488, "there is no mixer");
        Join(carol, dialog + "x", 481, "There is no call to be joined");
        Join(carol, "7@elsewhere;to-tag=1;from-tag=2", 481, "There is no call to be joined");
        Join(carol, dialog + "\r\nJoin: " + dialog, 400, "");
        Join(carol, dialog + "\r\nReplaces: " + dialog, 400, "");
        Join(carol, "nonsense", 400, "");
        carol.Invite(TestCalls.Bob, headers: $"Require: join\r\nJoin: {dialog}");
        Assert.Equal("join", carol.Expect(420).Header("Unsupported"));
        carol.AskOutside("MESSAGE", TestCalls.Bob, headers: "Join: " + dialog);
        carol.Expect(400);
        alice.Leaves();
        bob.Expect("BYE");
        Join(carol, bob.Dialog.Replaces(), 603, "The call has just ended");
        bob.Reply(200);
        Server.ExpectNothingLeft();
    }

    private static void Join(TestPhone phone, string dialog, int code, string reason)
    {
        phone.Invite(TestCalls.Bob, headers: "Join: " + dialog);
        Assert.Contains(reason, phone.Expect(code).Text, StringComparison.Ordinal);
    }
}
