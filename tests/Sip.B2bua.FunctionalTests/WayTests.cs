namespace Sip.B2bua.FunctionalTests;

/// <summary>The way of a request within a call, when the one that the party used is gone or too narrow.</summary>
public sealed class WayTests : InMemoryTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("phone.test")]
    public void RFC_3261_12_2_1_1_a_party_whose_connection_is_gone_is_reached_at_its_remote_target(string? name)
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair(bobTransport: "TCP");
        if (name is not null)
        {
            Server.Network.Dns.Add($"A {name} 198.51.100.2");
        }

        alice.Invite(TestCalls.Bob);
        bob.Expect("INVITE");
        Answer(bob, name is null ? bob.ContactUri : $"sip:bob@{name}:5071;transport=tcp");
        bob.Expect("ACK");
        alice.Await(200);
        alice.Ack();
        Server.Settle();
        bob.Connection!.Close();
        Server.Settle();
        alice.Reinvite(TestSdp.Audio(4002));
        Server.Settle();
        string invite = Assert.Single(bob.Connections[^1].Received).Text;
        Assert.StartsWith("INVITE sip:bob@", invite, StringComparison.Ordinal);
        Assert.Contains("Via: SIP/2.0/TCP 192.0.2.1:5060", invite, StringComparison.Ordinal);
        alice.Await(100);
    }

    [Fact]
    public void RFC_3261_12_2_1_1_a_route_set_leads_to_a_party_whose_connection_is_gone()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair(bobTransport: "TCP");
        MemoryPeer proxy = Server.Network.AddPeer("203.0.113.9:5080");
        Call(alice, bob, "Record-Route: <sip:203.0.113.9:5080;transport=tcp;lr>");
        bob.Connection!.Close();
        Server.Settle();
        alice.Bye();
        Server.Settle();
        string bye = Assert.Single(Assert.Single(proxy.Connections).Received).Text;
        Assert.StartsWith($"BYE {bob.ContactUri} SIP/2.0", bye, StringComparison.Ordinal);
        Assert.Contains("Route: <sip:203.0.113.9:5080;transport=tcp;lr>", bye, StringComparison.Ordinal);
    }

    [Fact]
    public void The_way_that_the_party_used_is_preferred_to_what_its_Contact_says()
    {
        // Behind NAT the Contact leads nowhere.
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob);
        bob.Expect("INVITE");
        Answer(bob, "sip:bob@10.0.0.5:5060");
        bob.Expect("ACK");
        alice.Await(200);
        alice.Ack();
        Server.HangUp(alice, bob);
        Assert.Equal("sip:bob@10.0.0.5:5060", bob.Request.RequestUri);
    }

    [Fact]
    public void A_party_behind_NAT_whose_connection_is_gone_is_not_looked_for_at_its_private_address()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair(bobTransport: "TCP");
        alice.Invite(TestCalls.Bob);
        bob.Expect("INVITE");
        Answer(bob, "sip:bob@10.0.0.5:5060;transport=tcp");
        bob.Expect("ACK");
        alice.Await(200);
        alice.Ack();
        Server.Settle();
        bob.Connection!.Close();
        Server.Settle();
        alice.Reinvite(TestSdp.Audio(4002));
        alice.Await(500, seconds: 0.1);
        alice.Leaves();
        Server.Advance(200);
        Server.ExpectNoState();
    }

    [Fact]
    public void RFC_3261_18_1_1_a_long_request_within_a_call_goes_by_a_connection_that_is_open()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Call(alice, bob);
        bob.Connect(5071);
        Server.Settle();
        alice.Ask("INFO", new string('x', 1500), type: "text/plain");
        Server.Settle();
        string info = Assert.Single(bob.Connection!.Received).Text;
        Assert.StartsWith("INFO", info, StringComparison.Ordinal);
        Assert.Contains("Via: SIP/2.0/TCP ", info, StringComparison.Ordinal);
    }

    [Fact]
    public void RFC_3261_18_1_1_a_long_request_within_a_call_goes_by_UDP_where_there_is_no_connection()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Call(alice, bob);
        alice.Ask("INFO", new string('x', 1500), type: "text/plain");
        bob.Expect("INFO");
        bob.Reply(200);
        alice.Expect(200);
        Server.End(alice, bob);
    }

    private void Call(TestPhone alice, TestPhone bob, string headers = "")
    {
        alice.Invite(TestCalls.Bob);
        bob.Expect("INVITE");
        bob.Reply(200, TestSdp.Audio(5000), headers);
        bob.Expect("ACK");
        alice.Await(200);
        alice.Ack();
        Server.Settle();
    }

    private static void Answer(TestPhone bob, string contact)
    {
        bob.ContactUri = contact;
        bob.Reply(200, TestSdp.Audio(5000));
    }
}
