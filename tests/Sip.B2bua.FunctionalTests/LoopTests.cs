namespace Sip.B2bua.FunctionalTests;

/// <summary>
/// Requests that come back to the server by way of another (RFC 5393 4.2, RFC 7332): those that run in circles end, those that come for something
/// else go on.
/// </summary>
public sealed class LoopTests : InMemoryTests
{
    private const string OtherHost = "192.0.2.2";

    private readonly string file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    private TestServer? other;

    private TestServer Other => other ??= StartOther("example.com");

    [Theory]
    [InlineData("INVITE")]
    [InlineData("MESSAGE")]
    [InlineData("SUBSCRIBE")]
    public void RFC_5393_4_2_2_two_servers_that_send_a_request_to_each_other_end_it_with_482(string method)
    {
        Bind(Server, "alice", "sip:bob@example.com");
        Bind(Other, "bob", "sip:alice@example.org");
        TestPhone caller = Server.AddPhone("carol");
        Ask(caller, method, "sip:alice@example.org");
        caller.Await(method == "MESSAGE" ? 202 : 482); // a message that nobody takes is kept
        Server.Settle();

        // Once by way of the caller, once by way of the other server, which refuses it when it comes again.
        Assert.Equal(1, Refusals(Other));
        Assert.Equal(0, Refusals(Server));
        ExpectNothingLeft();
    }

    [Theory]
    [InlineData("INVITE")]
    [InlineData("MESSAGE")]
    public void RFC_5393_4_2_1_a_spiral_for_another_user_goes_on(string method)
    {
        Bind(Server, "alice", "sip:bob@example.com");
        Bind(Other, "bob", "sip:dave@example.org");
        TestPhone dave = Server.AddPhone("dave", registered: true);
        TestPhone caller = Server.AddPhone("carol");
        Ask(caller, method, "sip:alice@example.org");
        dave.Expect(method);
        dave.Reply(200, method == "INVITE" ? TestSdp.Audio(5000) : "");
        if (method == "INVITE")
        {
            dave.Expect("ACK");
            caller.Await(200);
            caller.Ack();
            Server.HangUp(caller, dave);
        }
        else
        {
            caller.Await(200);
        }

        ExpectNothingLeft();
    }

    [Fact]
    public void RFC_5393_4_2_1_a_spiral_from_another_machine_goes_on_and_ends_when_it_comes_once_more()
    {
        // An application server that sends the call back as it came.
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        TestPhone service = Server.AddPhone("alice");
        alice.Invite(TestCalls.Bob);
        string mark = $"Loop-Mark: {bob.Expect("INVITE").Header("Loop-Mark")}";
        Fail(bob, alice);
        service.Invite(TestCalls.Bob, headers: mark);
        string[] marks = [.. bob.Expect("INVITE").Headers("Loop-Mark")];
        Assert.Equal(2, marks.Distinct().Count());
        Fail(bob, service);
        service.Invite(TestCalls.Bob, headers: $"Loop-Mark: {string.Join(", ", marks)}");
        service.Await(482);
        bob.ExpectNothing();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void RFC_5393_4_2_1_parameters_that_somebody_makes_up_do_not_make_another_request_of_it()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob);
        string mark = $"Loop-Mark: {bob.Expect("INVITE").Header("Loop-Mark")}";
        Fail(bob, alice);
        alice.Invite(TestCalls.Bob + ";x=1", headers: mark);
        alice.Await(482);
        alice.Invite(TestCalls.Bob + ";x=1");
        bob.Expect("INVITE");
    }

    [Fact]
    public void A_user_who_is_diverted_to_himself_through_a_trunk_gets_482()
    {
        Start("[module::Router]\n" + TestCalls.Diversions(file, "alice", "always", $"sip:+4912345@{OtherHost}"));
        other = StartOther(OtherHost, "[module::Router]\nstatic-targets=sip:alice@example.org\n");
        TestPhone caller = Server.AddPhone("carol");
        caller.Invite("sip:alice@example.org");
        caller.Await(482);
        Assert.Equal(1, Refusals(Server) + Refusals(Other));
        ExpectNothingLeft();
    }

    [Fact]
    public void RFC_5393_3_a_call_that_each_server_forks_one_after_the_other_does_not_multiply()
    {
        // Without the marks: 2 to the power of 70 INVITEs, one branch at a time, so that Max-Breadth does not help.
        Bind(Server, "alice", "sip:bob@example.com", "sip:bill@example.com");
        Bind(Other, "bob", "sip:alice@example.org");
        Bind(Other, "bill", "sip:alice@example.org");
        TestPhone caller = Server.AddPhone("carol");
        caller.Invite("sip:alice@example.org");
        caller.Await(482);
        Assert.InRange(Refusals(Server) + Refusals(Other), 1, 8);
        ExpectNothingLeft();
    }

    [Fact]
    public void RFC_7332_5_a_loop_through_a_server_that_drops_the_marks_ends_by_Max_Forwards()
    {
        Bind(Server, "alice", "sip:alice@198.51.100.250:5060");
        TestPhone stripping = Server.AddPhoneAt("198.51.100.250:5060", "alice");
        int rounds = 0;
        stripping.OnMessage = invite => invite.Method == "INVITE" && invite.IsRequest && ++rounds > 0 && SendBack(stripping, invite);
        TestPhone caller = Server.AddPhone("carol");
        caller.Invite("sip:alice@example.org");
        Server.Settle();
        Assert.Equal(35, rounds); // 70 hops
        Assert.Contains(stripping.Received, message => message.Code == 483);
    }

    protected override void Dispose(bool disposing)
    {
        other?.Dispose();
        base.Dispose(disposing);
        File.Delete(file);
    }

    private static void Ask(TestPhone phone, string method, string uri)
    {
        if (method == "INVITE")
        {
            phone.Invite(uri);
        }
        else
        {
            phone.AskOutside(method, uri, method == "MESSAGE" ? "hello" : "", method == "MESSAGE" ? "" : $"Event: presence\nContact: <{phone.ContactUri}>");
        }
    }

    // A phone that has all calls go elsewhere: the first place is preferred.
    private static void Bind(TestServer server, string user, params string[] places)
    {
        TestPhone phone = server.AddPhone(user);
        for (int i = 0; i < places.Length; i++)
        {
            phone.SendRegister(contact: $"<{places[i]}>;q={1 - (0.1 * i):F1}");
            phone.Expect(200);
        }
    }

    private static void Fail(TestPhone bob, TestPhone caller)
    {
        bob.Reply(486);
        bob.Expect("ACK");
        caller.Await(486);
    }

    private static bool SendBack(TestPhone phone, TestMessage invite)
    {
        phone.SendRaw($$"""
            INVITE sip:alice@example.org SIP/2.0
            Via: SIP/2.0/UDP {host};branch={branch}
            Max-Forwards: {{int.Parse(invite.Header("Max-Forwards")) - 1}}
            From: <sip:carol@example.org>;tag={tag}
            To: <sip:alice@example.org>
            Call-ID: {callid}
            CSeq: 1 INVITE
            Contact: {contact}
            """);
        return true;
    }

    private static int Refusals(TestServer server) => server.Log.Count(line => line.Contains("refused: 482 The request has come back", StringComparison.Ordinal));

    private TestServer StartOther(string domain, string configuration = "")
    {
        Server.Network.Dns.Add($"A example.org 192.0.2.1", $"A {domain} {OtherHost}");
        return Server.StartBeside(OtherHost, domain, configuration);
    }

    private void ExpectNothingLeft()
    {
        Server.Advance(40);
        Server.ExpectNothingLeft();
        other?.ExpectNothingLeft();
    }
}
