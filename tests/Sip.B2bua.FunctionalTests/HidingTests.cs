namespace Sip.B2bua.FunctionalTests;

/// <summary>Nothing of one side is visible to the other but what its user says.</summary>
public sealed class HidingTests : InMemoryTests
{
    [Fact]
    public void No_address_path_or_id_of_either_side_reaches_the_other_in_a_whole_call()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        const string Path = "Record-Route: <sip:10.9.9.9;lr>\nUser-Agent: AlicePhone\nP-Asserted-Identity: <sip:secret@10.9.9.9>";
        alice.Invite(TestCalls.Bob, sdp: TestSdp.Audio(address: "192.0.2.77"), headers: Path);
        bob.Expect("INVITE");
        bob.Reply(180, headers: "Server: BobPhone\nRecord-Route: <sip:10.8.8.8;lr>\nP-Asserted-Identity: <sip:hidden@10.8.8.8>");
        bob.Reply(200, TestSdp.Audio(5000, address: "192.0.2.77"), "Server: BobPhone\nRecord-Route: <sip:10.8.8.8;lr>\nWarning: 399 10.8.8.8 \"x\"");
        bob.Expect("ACK");
        alice.Expect(100);
        alice.Expect(180);
        alice.Expect(200);
        alice.Ack();
        alice.Reinvite(TestSdp.Audio(version: 2, address: "192.0.2.77"), "User-Agent: AlicePhone");
        bob.Expect("INVITE");
        bob.Reply(200, TestSdp.Audio(5000, address: "192.0.2.77"), "Server: BobPhone");
        bob.Expect("ACK");
        alice.TakesAnswer();
        bob.Ask("INFO", headers: "User-Agent: BobPhone");
        alice.Expect("INFO");
        alice.Reply(200, headers: "Server: AlicePhone");
        bob.Expect(200);
        Server.HangUp(alice, bob);

        ExpectHidden(alice, bob, "10.9.9.9", "AlicePhone", "secret");
        ExpectHidden(bob, alice, "10.8.8.8", "BobPhone", "hidden");
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData("P-Asserted-Identity: <sip:secret@example.org>")]
    [InlineData("p-asserted-identity : <sip:secret@example.org>")]
    [InlineData("P-ASSERTED-IDENTITY:\n <sip:secret@example.org>")]
    [InlineData("P-Asserted-Identity\t:\t\"secret\" <tel:+123>")]
    [InlineData("P-Preferred-Identity: <sip:secret@example.org>")]
    [InlineData("Remote-Party-ID: <sip:secret@example.org>;party=calling")]
    [InlineData("REMOTE-PARTY-ID  :<sip:secret@example.org>")]
    [InlineData("remote-party-id:\n\t<sip:secret@example.org>")]
    [InlineData("P-Charging-Vector: icid-value=secret")]
    [InlineData("P-Access-Network-Info: secret")]
    [InlineData("P-Associated-URI: <sip:secret@example.org>")]
    [InlineData("P-Called-Party-ID: <sip:secret@example.org>")]
    [InlineData("P-Charging-Function-Addresses: ccf=secret")]
    [InlineData("P-User-Database: <aaa://secret>")]
    [InlineData("History-Info: <sip:secret@example.org>;index=1")]
    [InlineData("Diversion: <sip:secret@example.org>")]
    [InlineData("Geolocation: <sip:secret@example.org>")]
    [InlineData("Authorization: Digest username=\"secret\"")]
    [InlineData("Proxy-Authorization: Digest username=\"secret\"")]
    [InlineData("Path: <sip:secret@10.1.1.1;lr>")]
    [InlineData("In-Reply-To: secret@host")]
    [InlineData("Target-Dialog: secret;local-tag=1;remote-tag=2")]
    public void A_header_that_tells_who_or_where_somebody_is_never_crosses(string header)
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob, headers: header);
        Assert.DoesNotContain("secret", bob.Expect("INVITE").Text, StringComparison.Ordinal);
        bob.Reply(183, headers: header);
        bob.Reply(486, headers: header);
        bob.Expect("ACK");
        alice.Expect(100);
        Assert.DoesNotContain("secret", alice.Expect(183).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", alice.Expect(486).Text, StringComparison.Ordinal);
        alice.AskOutside("MESSAGE", TestCalls.Bob, "hello", header);
        Assert.DoesNotContain("secret", bob.Expect("MESSAGE").Text, StringComparison.Ordinal);
        bob.Reply(200, headers: header);
        Assert.DoesNotContain("secret", alice.Expect(200).Text, StringComparison.Ordinal);
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData("X-Custom", "a, b; c=\"d\"")]
    [InlineData("Subject", "lunch?")]
    [InlineData("Alert-Info", "<http://example.org/ring>")]
    [InlineData("Priority", "urgent")]
    [InlineData("Accept-Language", "de")]
    public void What_nobody_knows_and_what_users_say_crosses(string name, string value)
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob, headers: $"{name}: {value}");
        Assert.Equal(value, bob.Expect("INVITE").Header(name));
        bob.Reply(180, headers: $"{name}: {value}");
        bob.Refuses(486);
        alice.Expect(100);
        Assert.Equal(value, alice.Expect(180).Header(name));
        alice.Expect(486);
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData("\"Alice A.\" <sip:alice@example.org>", "\"Alice A.\" <sip:alice@example.org>")]
    [InlineData("Alice <sip:alice@example.org;user=phone>;x=y", "Alice <sip:alice@example.org>")]
    [InlineData("sip:alice@example.org", "<sip:alice@example.org>")]
    [InlineData("<sip:alice@10.1.2.3:5099;transport=udp>", "<sip:alice@anonymous.invalid>")]
    [InlineData("<sip:alice@192.0.2.1>", "<sip:alice@192.0.2.1>")] // our own address tells nothing new
    [InlineData("\"A\\\"b\" <sip:alice@example.org:5070?x=y>", "\"A\\\"b\" <sip:alice@example.org>")]
    [InlineData("Anonymous <sip:anonymous@anonymous.invalid>", "Anonymous <sip:anonymous@anonymous.invalid>")]
    public void Of_the_From_the_name_and_the_address_of_record_cross(string from, string told)
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.From = from;
        alice.Invite(TestCalls.Bob);
        string crossed = bob.Expect("INVITE").Header("From");
        Assert.Equal(told, crossed[..crossed.LastIndexOf(";tag=", StringComparison.Ordinal)]);
        bob.Refuses(486);
        alice.Skip();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void No_line_break_can_be_smuggled_into_the_other_side()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob, headers: "X-A: one\n\tP-Asserted-Identity: <sip:evil@example.org>\nX-B: two");
        TestMessage invite = bob.Expect("INVITE");
        Assert.DoesNotContain("\nP-Asserted", invite.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("\n\t", invite.Text, StringComparison.Ordinal);
        bob.Refuses(486);
        alice.Skip();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void The_legs_ids_and_numbers_have_nothing_to_do_with_each_other()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.SendRaw("""
            INVITE sip:bob@{domain} SIP/2.0
            Via: SIP/2.0/UDP {host};branch=z9hG4bK-its-own;rport
            From: <sip:alice@{domain}>;tag=its-tag
            To: <sip:bob@{domain}>
            Call-ID: its-call-id
            CSeq: 4711 INVITE
            Contact: {contact}
            """);
        TestMessage invite = bob.Expect("INVITE");
        Assert.Equal(1, invite.CSeq);
        Assert.DoesNotContain("its-", invite.Text, StringComparison.Ordinal);
        Assert.Equal("<sip:192.0.2.1:5060>", invite.Header("Contact"));
        Assert.Single(invite.Headers("Via"));
        bob.Refuses(486);
        alice.Skip();
        Server.ExpectNothingLeft();
    }

    private static void ExpectHidden(TestPhone from, TestPhone to, params string[] more)
    {
        string[] secrets = [from.Host, from.Host.Split(':')[0], from.Dialog.CallId, from.Dialog.LocalTag, from.Dialog.RemoteTag, "z9hG4bK-" + from.User, .. more];
        foreach (TestMessage message in to.Received)
        {
            foreach (string secret in secrets)
            {
                Assert.DoesNotContain(secret, message.Text, StringComparison.Ordinal);
            }
        }
    }
}
