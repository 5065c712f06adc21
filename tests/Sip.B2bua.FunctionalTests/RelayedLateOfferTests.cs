namespace Sip.B2bua.FunctionalTests;

/// <summary>INVITEs without an offer where media is relayed: whoever answers, both hear each other.</summary>
public sealed class RelayedLateOfferTests : InMemoryTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_called_party_changes_the_session_and_both_keep_their_ports(bool anotherRings)
    {
        (TestPhone alice, TestPhone bob) = Phones();
        TestPhone? other = anotherRings ? Server.AddPhone("bob", registered: true) : null;
        alice.Invite(TestCalls.Bob, sdp: "");
        if (other is not null)
        {
            other.Expect("INVITE");
            other.Reply(183, TestSdp.Audio(6000));
            alice.Expect(100);
            alice.Expect(183);
        }

        bob.Expect("INVITE");
        bob.Reply(200, TestSdp.Audio(5000));
        other?.IsCancelled();
        string toAlice = other is null ? alice.TakesOffer(TestSdp.Audio()) : Takes(alice);
        string toBob = bob.Expect("ACK").Body;
        ExpectBothHear(toAlice, toBob);
        (string offered, string answered) = Server.Change(bob, alice, TestSdp.Audio(5000, version: 2), TestSdp.Audio(4000, version: 2));
        Assert.Equal((PortOf(toAlice), PortOf(toBob)), (PortOf(offered), PortOf(answered)));
        ExpectBothHear(toAlice, toBob);
        Server.End(alice, bob);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void RFC_3891_who_takes_a_place_without_an_offer_is_heard(bool callerStays)
    {
        (TestPhone alice, TestPhone bob) = Phones();
        TestPhone carol = Server.AddPhone("carol");
        Server.Call(alice, bob);
        (TestPhone staying, TestPhone replaced) = callerStays ? (alice, bob) : (bob, alice);
        carol.Invite("sip:127.39.3.2", sdp: "", headers: "Replaces: " + replaced.Dialog.Replaces());
        staying.Expect("INVITE");
        staying.Reply(200, TestSdp.Audio(staying.MediaPort(), version: 2));
        string toCarol = carol.TakesOffer(TestSdp.Audio(6000));
        string toStaying = staying.Expect("ACK").Body;
        replaced.IsHungUpOn();
        Assert.Equal((staying.MediaPort(), 6000), (Server.LeadTo(toCarol), Server.LeadTo(toStaying)));
        Server.End(carol, staying);
    }

    private static string Takes(TestPhone phone)
    {
        string offer = phone.Expect(200).Body;
        phone.Ack(TestSdp.Audio());
        return offer;
    }

    private static int PortOf(string sdp) => ModelSession.PortOf(sdp, 0);

    private void ExpectBothHear(string toAlice, string toBob) =>
        Assert.Equal((5000, 4000), (Server.LeadTo(toAlice), Server.LeadTo(toBob)));

    private (TestPhone Alice, TestPhone Bob) Phones()
    {
        StartRelay("127.39.3.2");
        return Server.AddPair();
    }
}
