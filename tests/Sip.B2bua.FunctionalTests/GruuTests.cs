using System.Text;

namespace Sip.B2bua.FunctionalTests;

/// <summary>Phones with an address of their own, and phones that a NAT would forget.</summary>
public sealed class GruuTests : InMemoryTests
{
    [Theory]
    [InlineData("pub-gruu")]
    [InlineData("temp-gruu")]
    public void RFC_5627_a_call_to_a_GRUU_reaches_that_phone_alone(string kind)
    {
        TestPhone alice = Server.AddPhone("alice");
        TestPhone other = Server.AddPhone("bob", registered: true);
        TestPhone bob = Server.AddPhone("bob");
        bob.SendRegister(parameters: ";+sip.instance=\"<urn:uuid:7>\"", headers: "Supported: gruu");
        string contact = bob.Expect(200).Headers("Contact").Single(c => c.Contains("gruu", StringComparison.Ordinal));
        int start = contact.IndexOf(kind + "=\"", StringComparison.Ordinal) + kind.Length + 2;
        alice.Invite(contact[start..contact.IndexOf('"', start)]);
        bob.Expect("INVITE");
        bob.Reply(200, TestSdp.Audio(5000));
        bob.Expect("ACK");
        alice.Await(200);
        alice.Ack();
        Server.HangUp(alice, bob);
        other.ExpectNothing();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void RFC_5627_4_4_1_a_phone_that_writes_its_GRUU_into_Contact_is_reached_by_its_flow()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        bob.ContactUri = "sip:bob@example.org;gr=urn:uuid:7";
        Server.Call(alice, bob);
        alice.Bye();
        Assert.Equal("sip:bob@example.org;gr=urn:uuid:7", bob.Expect("BYE").RequestUri);
        bob.Reply(200);
        alice.Expect(200, "BYE");
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData("10.0.0.7:5060", 2)]
    [InlineData("198.51.100.77:5060", 0)]
    public void A_phone_behind_NAT_is_sent_empty_lines_for_as_long_as_it_is_registered(string via, int count)
    {
        TestServer server = Server;
        MemoryPeer phone = server.Network.AddPeer("198.51.100.77:5060");
        phone.Send(
            $"REGISTER sip:example.org SIP/2.0\nVia: SIP/2.0/UDP {via};branch=z9hG4bK1;rport\nFrom: <sip:bob@example.org>;tag=1\nTo: <sip:bob@example.org>\n"
            + $"Call-ID: c1\nCSeq: 1 REGISTER\nContact: <sip:bob@{via}>;expires=60\nContent-Length: 0\n\n",
            SipAddressOf("192.0.2.1:5060"));
        server.Advance(300);
        Assert.StartsWith("SIP/2.0 200", phone.Take()!.Text, StringComparison.Ordinal);
        Assert.Equal(count, phone.Received.Count(message => Encoding.UTF8.GetString(message.Octets.Span) == "\r\n\r\n"));
    }

    private static Transports.SipAddress SipAddressOf(string text) => Transports.SipAddress.From(System.Net.IPEndPoint.Parse(text));
}
