namespace Sip.B2bua.FunctionalTests;

public sealed class RouteTests : IDisposable
{
    private TrunkSite? site;

    public void Dispose() => site?.Dispose();

    [Theory]
    [InlineData("sip:112@example.org", "203.0.113.1")]
    [InlineData("sip:+49301@example.org", "203.0.113.2")]
    [InlineData("sip:anything@else.example", "203.0.113.3")]
    public void The_first_condition_that_is_met_counts(string uri, string server)
    {
        TestPhone alice = Start("""
            # emergency first
            <sip:203.0.113.1> request.uri.user == '112'
            <sip:203.0.113.2> is_request &&
             request.uri.user regexp '\\+49[0-9]+'
            <sip:203.0.113.3> *
            """.Replace("\\\\", "\\", StringComparison.Ordinal));
        TestPhone hop = site!.AddServer(server + ":5060");
        alice.Invite(uri);
        TestMessage invite = hop.Expect("INVITE");
        Assert.Equal((uri, $"<sip:{server};lr>"), (invite.RequestUri, invite.Header("Route")));
        hop.Reply(486);
        hop.Expect("ACK");
        alice.Expect(100);
        alice.Expect(486);
    }

    [Fact]
    public void A_user_of_ours_is_called_here_whatever_the_routes_say()
    {
        TestPhone alice = Start("<sip:203.0.113.3> *");
        TestPhone bob = site!.Server.AddPhone("bob", registered: true);
        alice.Invite(TestCalls.Bob);
        bob.Expect("INVITE");
        bob.Reply(486);
        bob.Expect("ACK");
        alice.Expect(100);
        alice.Expect(486);
    }

    [Fact]
    public void A_route_may_have_several_ways_in_order()
    {
        TestPhone alice = Start("<sip:203.0.113.1> <sip:203.0.113.2> *");
        TestPhone first = site!.AddServer("203.0.113.1:5060");
        TestPhone second = site.AddServer("203.0.113.2:5060");
        alice.Invite("sip:1@example.org");
        first.Expect("INVITE");
        first.Reply(503);
        first.Expect("ACK");
        second.Expect("INVITE");
        second.Reply(486);
        second.Expect("ACK");
        alice.Expect(100);
        alice.Expect(486);
    }

    [Fact]
    public void Without_a_route_that_fits_nobody_is_found()
    {
        TestPhone alice = Start("<sip:203.0.113.3> request.uri.user == '112'");
        alice.Invite("sip:113@example.org");
        alice.Expect(404);
    }

    [Fact]
    public void A_changed_file_is_read_again()
    {
        TestPhone alice = Start("<sip:203.0.113.1> *");
        TestPhone hop = site!.AddServer("203.0.113.2:5060");
        site.Write("routes.conf", "<sip:203.0.113.2> *");
        site.Server.Advance(6);
        alice.Invite("sip:1@example.org");
        hop.Expect("INVITE");
        hop.Reply(486);
        hop.Expect("ACK");
        alice.Expect(100);
        alice.Expect(486);
    }

    private TestPhone Start(string routes)
    {
        site = new TrunkSite("", routes);
        return site.Server.AddPhone("alice");
    }
}
