using Sip.B2bua.Plugins.MediaRelay;

namespace Sip.B2bua.FunctionalTests;

/// <summary>Where media is relayed, an offer that is refused changes nothing of it (RFC 3264 8), whoever refuses.</summary>
public sealed class RelayedRefusalTests : InMemoryTests
{
    [Fact]
    public void A_hold_that_the_server_refuses_for_a_phone_without_UPDATE_leaves_the_caller_hearing_it()
    {
        StartRelay("127.39.3.3");
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob, headers: "Supported: 100rel");
        int toBob = ModelSession.PortOf(bob.Expect("INVITE").Body, 0);
        bob.Reply(183, TestSdp.Audio(5000), "Require: 100rel\nRSeq: 1\nAllow: INVITE, ACK, BYE, CANCEL, PRACK");
        alice.Expect(100);
        alice.Prack(alice.Expect(183));
        alice.Expect(200, "PRACK");
        bob.Expect("PRACK");
        bob.Reply(200);
        alice.Ask("UPDATE", TestSdp.Audio(4000, "inactive", version: 2));
        alice.Expect(488, "UPDATE");
        Assert.True(RelayWays.Of(Server.Find<MediaRelayModule>()!.Engine!)[toBob].Receives);
        bob.RefusesCall(486);
        alice.Expect(486, "INVITE");
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_message_that_is_refused_while_an_offer_waits_takes_nothing_of_the_offer_back()
    {
        StartRelay("127.39.3.4");
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Call(alice, bob);
        alice.Reinvite(TestSdp.Audio(4100, version: 2));
        TestMessage offer = bob.Expect("INVITE");
        alice.Expect(100);
        alice.Ask("INFO");
        bob.Expect("INFO");
        bob.Reply(415);
        alice.Expect(415, "INFO");
        bob.Accepts(offer, TestSdp.Audio(5000, version: 2));
        alice.Expect(200, "INVITE");
        alice.Ack();
        Assert.Equal(4100, Server.LeadTo(offer.Body));
        Server.End(alice, bob);
    }
}
