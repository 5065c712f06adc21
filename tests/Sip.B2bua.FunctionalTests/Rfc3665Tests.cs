namespace Sip.B2bua.FunctionalTests;

/// <summary>
/// The flows of RFC 3665, with the server in the place of all proxies between the phones. They go by UDP, where the RFC has
/// partly TLS: what they are about is above the transport.
/// </summary>
public sealed class Rfc3665Tests : FlowTests
{
    private const string Elsewhere = "sip:x@biloxi.example.com";

    // 2.1
    [Theory]
    [MemberData(nameof(Networks))]
    public void Successful_new_registration(int network)
    {
        Begin(network, passwords: true);
        TestPhone bob = Another("bob");
        bob.SendRegister();
        TestMessage challenge = bob.Gets(401);
        bob.SendRegister(headers: Password(challenge, "bob-secret"));
        Assert.Contains(bob.Gets(200).Headers("Contact"), contact => contact.Contains(bob.ContactUri, StringComparison.Ordinal));
        End();
    }

    // 2.2. A mailto URI is no place to send a call to: of what the RFC's Bob registers, the server keeps SIP URIs only.
    [Theory]
    [MemberData(nameof(Networks))]
    public void Update_of_contact_list(int network)
    {
        Begin(network);
        Bob.SendRegister(contact: "<sip:bob@198.51.100.9:5090>");
        string contacts = string.Join(", ", Bob.Gets(200).Headers("Contact"));
        Assert.Contains(Bob.ContactUri, contacts, StringComparison.Ordinal);
        Assert.Contains("sip:bob@198.51.100.9:5090", contacts, StringComparison.Ordinal);
        End();
    }

    // 2.3
    [Theory]
    [MemberData(nameof(Networks))]
    public void Request_for_current_contact_list(int network)
    {
        Begin(network);
        Bob.SendRaw("""
            REGISTER sip:{domain} SIP/2.0
            Via: SIP/2.0/UDP {host};branch={branch};rport
            Max-Forwards: 70
            From: Bob <sip:bob@{domain}>;tag={tag}
            To: Bob <sip:bob@{domain}>
            Call-ID: {callid}
            CSeq: 1 REGISTER
            """);
        for (int i = 0; network > 0 && i < 10; i++)
        {
            Server.Advance(0.5);
            Bob.Repeat();
        }

        Assert.Contains(Bob.ContactUri, Bob.Gets(200).Header("Contact"), StringComparison.Ordinal);
        End();
    }

    // 2.4
    [Theory]
    [MemberData(nameof(Networks))]
    public void Cancellation_of_registration(int network)
    {
        Begin(network);
        Bob.SendRegister(expires: 0, contact: "*");
        Assert.False(Bob.Gets(200).Has("Contact"));
        Alice.Invite(TestCalls.Bob);
        Alice.Gets(480);
        End();
    }

    // 2.5. The RFC's server asks once more, ours says that the password is wrong.
    [Theory]
    [MemberData(nameof(Networks))]
    public void Unsuccessful_registration(int network)
    {
        Begin(network, passwords: true);
        Bob.SendRegister();
        TestMessage challenge = Bob.Gets(401);
        Bob.SendRegister(headers: Password(challenge, "wrong"));
        Bob.Gets(403);
        End();
    }

    // 3.1
    [Theory]
    [MemberData(nameof(Networks))]
    public void Successful_session_establishment(int network)
    {
        Begin(network);
        Call(Alice, Bob);
        HangUp(Bob, Alice);
        End();
    }

    // 3.2
    [Theory]
    [MemberData(nameof(Networks))]
    public void Session_establishment_through_two_proxies(int network)
    {
        Begin(network, passwords: true);
        CallWithPassword(Alice, TestCalls.Bob, Sdp(Alice));
        TestMessage invite = GetsCall(Alice, Bob);
        Assert.False(invite.Has("Proxy-Authorization") || invite.Has("Record-Route"));
        Assert.Single(invite.Headers("Via"));
        Alice.Hears(100, 180);
        Answer(Alice, Bob);
        HangUp(Bob, Alice);
        End();
    }

    // 3.3
    [Theory]
    [MemberData(nameof(Networks))]
    public void Session_with_multiple_proxy_authentication(int network)
    {
        Begin(network, "[b2bua]\nchallenges=pass", passwords: true);
        TestPhone second = Foreign("x");
        TestMessage first = CallWithPassword(Alice, Elsewhere, Sdp(Alice));
        Assert.False(second.Gets("INVITE").Has("Proxy-Authorization"));
        Refuse(second, 407, "Proxy-Authenticate: Digest realm=\"biloxi.example.com\", qop=\"auth\", nonce=\"c1e22c41ae6cbe5ae983a9c8e88d359\", algorithm=MD5");
        Alice.Hears(100);
        TestMessage challenge = Alice.Gets(407);
        Assert.Equal("biloxi.example.com", TestDigest.Value(challenge.Header("Proxy-Authenticate"), "realm"));
        Alice.Reinvite(Sdp(Alice), Password(Alice, first, Elsewhere, 2) + "\r\n" + Password(Alice, challenge, Elsewhere));
        TestMessage invite = GetsCall(Alice, second);
        Assert.Contains("biloxi.example.com", Assert.Single(invite.Headers("Proxy-Authorization")), StringComparison.Ordinal);
        Alice.Hears(100, 180);
        Answer(Alice, second);
        HangUp(second, Alice);
        End();
    }

    // 3.4. The failed proxy is a time during which nothing reaches the server.
    [Theory]
    [MemberData(nameof(Networks))]
    public void Successful_session_with_proxy_failure(int network)
    {
        Begin(network, passwords: true);
        Server.Network.Conditions = new NetworkConditions { Loss = 1 };
        Alice.Repeats = true;
        Alice.Invite(TestCalls.Bob, Sdp(Alice));
        Server.Advance(32.5);
        Assert.Equal(7, Server.Network.DatagramsLost);
        Alice.Repeats = network > 0;
        BreakNetwork();
        CallWithPassword(Alice, TestCalls.Bob, Sdp(Alice));
        GetsCall(Alice, Bob);
        Alice.Hears(100, 180);
        Answer(Alice, Bob);
        HangUp(Bob, Alice);
        End();
    }

    // 3.5. The ALG is a module that has the media go another way, as the media relay does.
    [Theory]
    [MemberData(nameof(Networks))]
    public void Session_through_a_SIP_ALG(int network)
    {
        Begin(network, "[module::Gateway]\nenabled=true", modules: typeof(GatewayModule));
        Alice.Invite(TestCalls.Bob, Sdp(Alice));
        Assert.Contains("m=audio 9000 ", Bob.Gets("INVITE").Body, StringComparison.Ordinal);
        Bob.Reply(180);
        Alice.Hears(100, 180);
        Bob.Reply(200, Sdp(Bob));
        Assert.Contains("m=audio 9100 ", Alice.Gets(200, "INVITE").Body, StringComparison.Ordinal);
        Alice.Ack();
        Bob.Gets("ACK");
        Talk();
        HangUp(Alice, Bob);
        End();
    }

    // 3.6
    [Theory]
    [MemberData(nameof(Networks))]
    public void Session_via_redirect_and_proxy_servers_with_SDP_in_ACK(int network)
    {
        Begin(network, "[b2bua]\nredirects=pass");
        Alice.Invite(TestCalls.Bob, "");
        Bob.Gets("INVITE");
        Refuse(Bob, 302, $"Contact: <{Carol.AddressOfRecord}>", "Moved Temporarily");
        Alice.Hears(100);
        string contact = Alice.Gets(302).ContactUri;
        Assert.Equal(Carol.AddressOfRecord, contact);
        Alice.Invite(contact, "");
        GetsCall(Alice, Carol);
        Alice.Hears(100, 180);
        Carol.Reply(200, Sdp(Carol));
        Assert.Equal(Sdp(Carol), Alice.Gets(200, "INVITE").Body);
        Alice.Ack(Sdp(Alice));
        Assert.Equal(Sdp(Alice), Carol.Gets("ACK").Body);
        Talk();
        HangUp(Carol, Alice);
        End();
    }

    // 3.7
    [Theory]
    [MemberData(nameof(Networks))]
    public void Session_with_reINVITE_for_a_change_of_IP_address(int network)
    {
        Begin(network);
        Call(Alice, Bob);
        string server = Alice.Dialog.RemoteTarget;
        Bob.ContactUri += ";moved";
        Change(Bob, Alice, TestSdp.Audio(4100, version: 2, address: "10.9.9.9"), Sdp(Alice));
        Assert.Equal(server, Alice.Dialog.RemoteTarget);
        HangUp(Alice, Bob);
        Assert.EndsWith(";moved", Bob.Received[^1].RequestUri, StringComparison.Ordinal);
        End();
    }

    // 3.8
    [Theory]
    [MemberData(nameof(Networks))]
    public void Unsuccessful_no_answer(int network)
    {
        Begin(network);
        Ring(Alice, Bob);
        Talk();
        Alice.Cancel();
        Alice.Gets(200, "CANCEL");
        IsCancelled(Bob);
        Alice.Gets(487, "INVITE");
        End();
    }

    // 3.9
    [Theory]
    [MemberData(nameof(Networks))]
    public void Unsuccessful_busy(int network)
    {
        Begin(network);
        FindsBusy(Alice, Bob);
        End();
    }

    // 3.10
    [Theory]
    [MemberData(nameof(Networks))]
    public void Unsuccessful_no_response_from_user_agent(int network)
    {
        Begin(network);
        Alice.Invite(TestCalls.Bob, Sdp(Alice));
        Alice.Hears(100);
        Bob.Gets("INVITE");
        Server.Advance(33);
        Alice.Gets(480);
        Assert.InRange(Bob.Received.Count(message => message.Method == "INVITE"), network == 0 ? 7 : 2, network == 0 ? 7 : 14);
        Bob.Skip();
        End();
    }

    // 3.11
    [Theory]
    [MemberData(nameof(Networks))]
    public void Unsuccessful_temporarily_unavailable(int network)
    {
        Begin(network);
        Ring(Alice, Bob);
        Refuse(Bob, 480, "Retry-After: 3600", "Temporarily Unavailable");
        TestMessage failure = Alice.Gets(480);
        Assert.Equal("Temporarily Unavailable", failure.Reason);
        End();
    }

    private static string Password(TestMessage challenge, string password) =>
        TestDigest.Authorization(challenge, "REGISTER", "sip:example.org", "bob", password);
}
