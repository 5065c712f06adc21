using System.Text;

namespace Sip.B2bua.FunctionalTests;

/// <summary>Step 12: a target that is only a name, and what happens when its first server does not answer (RFC 3263 4.3).</summary>
public sealed class TargetResolutionTests : InMemoryTests
{
    private const string Dead = "203.0.113.1:5060";
    private readonly TestPhone alice;
    private readonly TestPhone bob;

    public TargetResolutionTests()
    {
        Start("""
            [module::Router]
            static-targets=sip:bob@far.test
            """);
        Server.Network.Dns.Add(
            "SRV _sip._udp.far.test 1 0 5060 dead.far.test",
            "SRV _sip._udp.far.test 2 0 5071 live.far.test",
            "A dead.far.test 203.0.113.1",
            "A live.far.test 198.51.100.2");
        alice = Server.AddPhone("alice");
        bob = Server.AddPhone("bob");
        Assert.Equal("198.51.100.2:5071", bob.Host);
    }

    [Fact]
    public void A_call_reaches_the_second_server_when_the_first_is_silent()
    {
        alice.Invite(TestCalls.Bob);
        Server.Advance(3.9);
        bob.ExpectNothing();
        bob.Await("INVITE", 0.2);
        bob.Accepts(TestSdp.Audio(5000));
        alice.TakesAnswer();
        Server.End(alice, bob);
        Assert.Contains(Server.Log, line => line.Contains("UDP 203.0.113.1:5060 of 2 is silent, trying UDP 198.51.100.2:5071 of 2", StringComparison.Ordinal));
    }

    [Fact]
    public void RFC_3263_4_3_a_server_that_tries_is_waited_for()
    {
        AnswerWith(100);
        alice.Invite(TestCalls.Bob);
        alice.Expect(100);
        Server.Advance(30);
        bob.ExpectNothing();
    }

    [Fact]
    public void RFC_3263_4_3_a_server_that_was_given_up_and_answers_after_all_is_hung_up()
    {
        var slow = Server.Network.AddPeer(Dead);
        alice.Invite(TestCalls.Bob);
        bob.Await("INVITE", 4.1);
        Answer(slow, slow.Received[0], 200);
        Server.Settle();
        Assert.Equal(["ACK", "BYE"], slow.Received.Select(message => message.Text.Split(' ')[0]).Where(word => word != "INVITE"));
        Answer(slow, slow.Received[^1], 200);
        bob.Accepts(TestSdp.Audio(5000));
        alice.TakesAnswer();
        Server.End(alice, bob);
    }

    [Fact]
    public void RFC_3263_4_3_a_server_that_was_given_up_and_rings_after_all_is_cancelled()
    {
        var slow = Server.Network.AddPeer(Dead);
        alice.Invite(TestCalls.Bob);
        bob.Await("INVITE", 4.1);
        Answer(slow, slow.Received[0], 180);
        Server.Settle();
        Assert.StartsWith("CANCEL", slow.Received[^1].Text, StringComparison.Ordinal);
        alice.Expect(100);
        alice.ExpectNothing();
    }

    [Fact]
    public void A_message_reaches_the_second_server_when_the_first_is_silent()
    {
        alice.AskOutside("MESSAGE", TestCalls.Bob, "hello");
        bob.Await("MESSAGE", 4.1);
        bob.Reply(200);
        alice.Expect(200);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_call_reaches_the_second_server_at_once_when_the_first_is_unreachable()
    {
        Server.Network.AddPeer(Dead).IsUnreachable = true;
        Answered();
    }

    [Fact]
    public void A_server_that_failed_is_not_tried_first_by_the_next_call()
    {
        var dead = Server.Network.AddPeer(Dead);
        dead.IsUnreachable = true;
        Call();
        dead.IsUnreachable = false;
        Call();
        Server.ExpectNothingLeft();
        Assert.Empty(dead.Received);
    }

    [Fact]
    public void A_503_leads_to_the_next_server()
    {
        AnswerWith(503);
        Answered();
    }

    [Theory]
    [InlineData(486)]
    [InlineData(500)]
    [InlineData(408)]
    public void Any_other_failure_is_the_targets_word(int code)
    {
        AnswerWith(code);
        alice.Invite(TestCalls.Bob);
        alice.Expect(100);
        alice.Expect(code);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_target_that_has_rung_is_left_at_that()
    {
        AnswerWith(180, 503);
        alice.Invite(TestCalls.Bob);
        alice.Expect(100);
        alice.Expect(180);
        alice.Expect(500);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_call_given_up_tries_no_other_server()
    {
        alice.Invite(TestCalls.Bob);
        alice.Expect(100);
        Server.Advance(3);
        alice.Cancel();
        alice.Expect(200, "CANCEL");
        alice.Expect(487);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_message_reaches_the_second_server()
    {
        Server.Network.AddPeer(Dead).IsUnreachable = true;
        alice.AskOutside("MESSAGE", TestCalls.Bob, "hello");
        bob.Expect("MESSAGE");
        bob.Reply(200);
        alice.Expect(200);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_message_that_no_server_takes_fails()
    {
        Server.Network.AddPeer(Dead).IsUnreachable = true;
        bob.IsUnreachable = true;
        alice.AskOutside("MESSAGE", TestCalls.Bob, "hello");
        alice.Expect(480);
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData("A", "The target's host is unknown")]
    [InlineData("timeout", "No name server has answered for the target's host")]
    [InlineData("none", "The target's domain takes no calls")]
    public void The_caller_is_told_why_there_is_no_way(string kind, string reason)
    {
        Server.Dispose();
        Start("""
            [module::Router]
            static-targets=sip:bob@gone.test
            """);
        if (kind != "A")
        {
            Server.Network.Dns.Add(kind == "timeout" ? "A gone.test timeout" : "SRV _sip._udp.gone.test 0 0 0 .");
        }

        TestPhone caller = Server.AddPhone("alice");
        caller.Invite(TestCalls.Bob);
        caller.Expect(100);
        Assert.Equal(reason, caller.Expect(480).Reason);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_long_INVITE_goes_by_TCP_where_the_server_takes_it()
    {
        // RFC 3261 18.1.1.
        var live = Server.Network.AddPeer(Dead);
        alice.Invite(TestCalls.Bob, headers: Long);
        alice.Expect(100);
        Server.Settle();
        Assert.Empty(live.Received);
        string invite = Assert.Single(Assert.Single(live.Connections).Received).Text;
        Assert.StartsWith("INVITE sip:bob@far.test SIP/2.0", invite, StringComparison.Ordinal);
        Assert.Contains("Via: SIP/2.0/TCP ", invite, StringComparison.Ordinal);
        Assert.Contains(";transport=tcp>", invite, StringComparison.Ordinal);
        Assert.DoesNotContain("SIP/2.0/UDP", invite, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_INVITE_goes_by_UDP_where_nobody_takes_the_connection()
    {
        var live = Server.Network.AddPeer(Dead);
        live.AcceptsConnections = false;
        alice.Invite(TestCalls.Bob, headers: Long);
        alice.Expect(100);
        Server.Settle();
        Assert.Empty(live.Connections);
        string invite = Assert.Single(live.Received).Text;
        Assert.Contains("Via: SIP/2.0/UDP ", invite, StringComparison.Ordinal);
        Assert.DoesNotContain("transport=tcp", invite, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_MESSAGE_goes_by_TCP()
    {
        var live = Server.Network.AddPeer(Dead);
        alice.AskOutside("MESSAGE", TestCalls.Bob, new string('x', 1500));
        Server.Settle();
        Assert.Empty(live.Received);
        Assert.Contains("Via: SIP/2.0/TCP ", Assert.Single(Assert.Single(live.Connections).Received).Text, StringComparison.Ordinal);
    }

    private static string Long { get; } = "X-Long: " + new string('x', 1400);

    private void Answered()
    {
        Call();
        Server.ExpectNothingLeft();
    }

    private void Call()
    {
        alice.Invite(TestCalls.Bob);
        bob.Expect("INVITE");
        bob.Accepts(TestSdp.Audio(5000));
        alice.TakesAnswer();
        Server.HangUp(alice, bob);
    }

    // A first server that answers each INVITE so.
    private void AnswerWith(params int[] codes)
    {
        var first = Server.Network.AddPeer(Dead);
        first.OnReceived = message =>
        {
            if (message.Text.StartsWith("INVITE", StringComparison.Ordinal))
            {
                Answer(first, message, codes);
            }
        };
    }

    private static void Answer(MemoryPeer server, PeerMessage request, params int[] codes)
    {
        string[] lines = request.Text.Split("\r\n");
        string headers = string.Join("\n", lines.Where(line =>
            line.StartsWith("Via:", StringComparison.Ordinal) || line.StartsWith("From:", StringComparison.Ordinal)
            || line.StartsWith("Call-ID:", StringComparison.Ordinal) || line.StartsWith("CSeq:", StringComparison.Ordinal)));
        string to = lines.First(line => line.StartsWith("To:", StringComparison.Ordinal));
        string tag = to.Contains(";tag=", StringComparison.Ordinal) ? "" : ";tag=first";
        foreach (int code in codes)
        {
            server.Send(Encoding.UTF8.GetBytes($"SIP/2.0 {code} Because\n{headers}\n{to}{tag}\nContent-Length: 0\n\n".Replace("\n", "\r\n", StringComparison.Ordinal)), request.From);
        }
    }
}
