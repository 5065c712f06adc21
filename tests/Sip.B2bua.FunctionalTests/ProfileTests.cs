namespace Sip.B2bua.FunctionalTests;

public sealed class ProfileTests : IDisposable
{
    private readonly string file = Path.GetTempFileName();
    private TestServer? server;

    public void Dispose()
    {
        server?.Dispose();
        File.Delete(file);
    }

    [Fact]
    public void A_target_is_spoken_to_as_its_profile_says_and_others_as_always()
    {
        TestPhone alice = Start("[old]\nuser-agent=OldPhone\nsession-expires=0\n100rel=false\nheaders=deny X-A");
        TestPhone bob = server!.AddPhone("bob");
        TestPhone carol = server.AddPhone("carol", registered: true);
        bob.SendRegister(headers: "User-Agent: oldphone/1.0");
        bob.Await(200);
        alice.Invite(TestCalls.Bob, headers: "X-A: 1");
        TestMessage invite = bob.Expect("INVITE");
        Assert.False(invite.Has("X-A") || invite.Has("Session-Expires"));
        Assert.DoesNotContain("100rel", invite.Header("Supported"), StringComparison.Ordinal);
        Refuse(alice, bob);
        alice.Invite(carol.AddressOfRecord, headers: "X-A: 1");
        invite = carol.Expect("INVITE");
        Assert.True(invite.Has("X-A") && invite.Has("Session-Expires"));
        Assert.Contains("100rel", invite.Header("Supported"), StringComparison.Ordinal);
        Refuse(alice, carol);
        server.ExpectNothingLeft();
    }

    [Fact]
    public void A_caller_has_a_profile_by_its_User_Agent_and_by_its_domain()
    {
        TestPhone alice = Start("[old]\nuser-agent=OldPhone\ndomain=example.org\nheaders=deny X-B");
        TestPhone bob = server!.AddPhone("bob", registered: true);
        foreach ((string agent, bool crosses) in new[] { ("OldPhone/2", false), ("NewPhone", true) })
        {
            alice.Invite(TestCalls.Bob, headers: $"User-Agent: {agent}");
            bob.Expect("INVITE");
            bob.Reply(486, headers: "X-B: 1");
            bob.Expect("ACK");
            alice.Expect(100);
            Assert.Equal(crosses, alice.Expect(486).Has("X-B"));
        }

        server.ExpectNothingLeft();
    }

    [Fact]
    public void Rfc3261_18_1_1_A_peer_may_have_a_limit_of_its_own_for_datagrams()
    {
        TestPhone alice = Start("[big]\ndomain=203.0.113.5\nmax-udp-size=4000", "[module::Authentication]\nenabled=true\ntrusted-hosts=198.51.100.0/24");
        TestPhone other = server!.AddPhoneAt("203.0.113.5:5060", "other");
        alice.Invite("sip:x@203.0.113.5", headers: "X-Long: " + new string('a', 1500));
        other.Expect("INVITE");
        Refuse(alice, other);
        server.ExpectNothingLeft();
    }

    [Fact]
    public void A_phone_that_takes_no_long_messages_gets_short_ones()
    {
        TestPhone alice = Start("[pj]\nuser-agent=PJ\nmax-size=4000");
        TestPhone bob = AddBob("PJ/2");
        string video = "m=video 4002 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n" + string.Concat(Enumerable.Range(1, 200).Select(n => $"a=x-long:{n} aaaaaaaaaaaaaaaaaaaa\r\n"));
        alice.Invite(TestCalls.Bob, sdp: TestSdp.Audio() + "a=ssrc:1 cname:a\r\n" + video);
        TestMessage invite = bob.Expect("INVITE");
        Assert.InRange(invite.Text.Length, 500, 4000);
        Assert.Contains("m=video 0 RTP/AVP 96\r\n", invite.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("a=ssrc", invite.Body, StringComparison.Ordinal);
        Refuse(alice, bob);
        server!.ExpectNothingLeft();
    }

    private TestPhone AddBob(string userAgent)
    {
        TestPhone bob = server!.AddPhone("bob");
        bob.SendRegister(headers: "User-Agent: " + userAgent);
        bob.Await(200);
        return bob;
    }

    private TestPhone Start(string profiles, string configuration = "")
    {
        File.WriteAllText(file, profiles);
        server = TestServer.Start($"[b2bua]\npeer-profiles={file}\n{configuration}");
        return server.AddPhone("alice");
    }

    private static void Refuse(TestPhone caller, TestPhone callee)
    {
        callee.Reply(486);
        callee.Expect("ACK");
        caller.Expect(100);
        caller.Expect(486);
    }
}
