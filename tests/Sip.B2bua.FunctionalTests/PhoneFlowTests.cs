namespace Sip.B2bua.FunctionalTests;

/// <summary>A phone that keeps several flows to the server (RFC 5626): it is called by the newest, and by the next where that has failed.</summary>
public sealed class PhoneFlowTests : InMemoryTests
{
    private const string Late = "[module::Router]\nfork-late=true\n";

    [Theory]
    [InlineData("INVITE")]
    [InlineData("MESSAGE")]
    [InlineData("SUBSCRIBE")]
    public void RFC_5626_7_only_the_newest_flow_of_a_phone_gets_the_request(string method)
    {
        (TestPhone alice, TestPhone older, TestPhone newer) = AliceAndTwoFlows();
        Ask(alice, method);
        newer.Expect(method);
        older.ExpectNothing();
    }

    [Theory]
    [InlineData("INVITE", 430)]
    [InlineData("INVITE", 408)]
    [InlineData("MESSAGE", 430)]
    [InlineData("MESSAGE", 408)]
    [InlineData("OPTIONS", 430)]
    [InlineData("OPTIONS", 408)]
    [InlineData("SUBSCRIBE", 430)]
    public void RFC_5626_7_after_430_or_408_the_phone_is_asked_by_its_next_flow(string method, int code)
    {
        (TestPhone alice, TestPhone older, TestPhone newer) = AliceAndTwoFlows();
        Ask(alice, method);
        Fail(newer, method, code);
        Assert.Equal(older.ContactUri, older.Expect(method).RequestUri);
        newer.ExpectNothing();
    }

    [Theory]
    [InlineData("INVITE", 404)]
    [InlineData("INVITE", 486)]
    [InlineData("INVITE", 503)]
    [InlineData("MESSAGE", 404)]
    [InlineData("MESSAGE", 486)]
    [InlineData("OPTIONS", 404)]
    public void RFC_5626_7_after_any_other_answer_the_phone_is_not_asked_again(string method, int code)
    {
        (TestPhone alice, TestPhone older, TestPhone newer) = AliceAndTwoFlows();
        Ask(alice, method);
        Fail(newer, method, code);
        older.ExpectNothing();
        alice.Await(method == "MESSAGE" ? 202 : code == 503 ? 500 : code); // 202: as for every device that refuses

        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_call_by_the_next_flow_is_a_call_as_any_other()
    {
        (TestPhone alice, TestPhone older, TestPhone newer) = AliceAndTwoFlows();
        alice.Invite(TestCalls.Bob);
        Fail(newer, "INVITE", 430);
        Answer(older, alice);
        Server.HangUp(alice, older);
        newer.ExpectNothing();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_flow_that_says_nothing_is_given_up_for_the_next()
    {
        (TestPhone alice, TestPhone older, TestPhone newer) = AliceAndTwoFlows();
        alice.Invite(TestCalls.Bob);
        TestMessage silent = newer.Expect("INVITE");
        older.Await("INVITE", seconds: 4.5);
        older.Reply(180);
        alice.Await(180);

        // It was only slow: it is told that it is not wanted any more.
        newer.Reply(silent, 180);
        newer.Await("CANCEL");
        newer.Reply(200);
        newer.Reply(silent, 487);
        newer.Await("ACK");
        Answer(older, alice, isRinging: true);
        Server.HangUp(alice, older);
    }

    [Fact]
    public void A_message_that_a_flow_does_not_answer_goes_by_the_next()
    {
        (TestPhone alice, TestPhone older, TestPhone newer) = AliceAndTwoFlows();
        Ask(alice, "MESSAGE");
        newer.Expect("MESSAGE");
        older.Await("MESSAGE", seconds: 4.5);
        older.Reply(200);
        alice.Await(200);
    }

    [Theory]
    [InlineData("INVITE")]
    [InlineData("MESSAGE")]
    [InlineData("OPTIONS")]
    public void A_flow_to_which_nothing_can_be_sent_is_given_up_at_once(string method)
    {
        (TestPhone alice, TestPhone older, TestPhone newer) = AliceAndTwoFlows();
        newer.IsUnreachable = true;
        Ask(alice, method);
        older.Expect(method);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_flow_whose_connection_breaks_is_given_up_at_once(bool whileAsked)
    {
        (TestPhone alice, TestPhone older, TestPhone newer) = AliceAndTwoFlows(transport: "TCP");
        if (whileAsked)
        {
            Ask(alice, "INVITE");
            newer.Expect("INVITE");
        }

        newer.Connection!.Close();
        Server.Settle();
        if (!whileAsked)
        {
            Ask(alice, "INVITE");
        }

        Answer(older, alice);
        Server.End(alice, older);
    }

    [Fact]
    public void A_phone_whose_flows_have_all_failed_cannot_be_reached()
    {
        (TestPhone alice, TestPhone older, TestPhone newer) = AliceAndTwoFlows();
        alice.Invite(TestCalls.Bob);
        Fail(newer, "INVITE", 430);
        Fail(older, "INVITE", 430);
        alice.Await(480); // RFC 5626 11.5: "Endpoints should never receive a 430 response."
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void Another_phone_of_the_user_rings_meanwhile()
    {
        (TestPhone alice, TestPhone older, TestPhone newer) = AliceAndTwoFlows();
        TestPhone other = Server.AddPhone("bob", registered: true);
        alice.Invite(TestCalls.Bob);
        other.Expect("INVITE");
        other.Reply(180);
        Fail(newer, "INVITE", 430);
        Answer(older, alice);
        other.Expect("CANCEL");
        other.Reply(200);
        other.Reply(other.Received.Single(message => message.Method == "INVITE"), 487);
        other.Expect("ACK");
        Server.End(alice, older);
    }

    [Fact]
    public void A_call_to_the_phones_GRUU_goes_by_its_next_flow_as_well()
    {
        (TestPhone alice, TestPhone older, TestPhone newer) = AliceAndTwoFlows();
        alice.Invite("sip:bob@example.org;gr=urn:uuid:1");
        Fail(newer, "INVITE", 430);
        Answer(older, alice);
        Server.End(alice, older);
    }

    [Fact]
    public void A_phone_that_rings_is_not_called_again_when_it_makes_another_flow()
    {
        Start(Late);
        TestPhone alice = Server.AddPhone("alice");
        TestPhone first = AddFlow(1);
        Server.Ring(alice, first);
        AddFlow(2).ExpectNothing();
        Answer(first, alice, isRinging: true);
        Server.End(alice, first);
    }

    [Fact]
    public void A_phone_that_says_nothing_is_called_by_the_flow_that_it_makes()
    {
        Start(Late);
        TestPhone alice = Server.AddPhone("alice");
        TestPhone first = AddFlow(1);
        alice.Invite(TestCalls.Bob);
        first.Expect("INVITE");
        Answer(AddFlow(2), alice);
    }

    private static void Ask(TestPhone alice, string method)
    {
        if (method == "INVITE")
        {
            alice.Invite(TestCalls.Bob);
        }
        else
        {
            alice.AskOutside(method, TestCalls.Bob, method == "MESSAGE" ? "hello" : "", method == "MESSAGE" ? "" : $"Event: presence\nContact: <{alice.ContactUri}>");
        }
    }

    private static void Fail(TestPhone phone, string method, int code)
    {
        phone.Expect(method);
        phone.Reply(code);
        if (method == "INVITE")
        {
            phone.Expect("ACK");
        }
    }

    private static void Answer(TestPhone bob, TestPhone alice, bool isRinging = false)
    {
        if (!isRinging)
        {
            bob.Expect("INVITE");
        }

        bob.Reply(bob.Received.Last(message => message.Method == "INVITE"), 200, TestSdp.Audio(5000));
        bob.Await("ACK");
        alice.Await(200);
        alice.Ack();
    }

    private (TestPhone Alice, TestPhone Older, TestPhone Newer) AliceAndTwoFlows(string transport = "UDP")
    {
        TestPhone alice = Server.AddPhone("alice");
        return (alice, AddFlow(1, transport), AddFlow(2, transport));
    }

    // Each flow has an address of its own, as a phone with two networks has.
    private TestPhone AddFlow(int number, string transport = "UDP")
    {
        TestPhone flow = Server.AddPhone("bob", transport);
        flow.SendRegister(parameters: $";+sip.instance=\"<urn:uuid:1>\";reg-id={number}", headers: "Supported: outbound, path");
        flow.Expect(200);
        Server.Advance(1); // the next is newer
        return flow;
    }
}
