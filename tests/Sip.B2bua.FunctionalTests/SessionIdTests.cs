namespace Sip.B2bua.FunctionalTests;

/// <summary>One identifier of a session on both sides of the server (RFC 7989 7 and 8, with the flows of its section 10).</summary>
public sealed class SessionIdTests : InMemoryTests
{
    private const string Nil = "00000000000000000000000000000000";
    private const string A = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    private const string B = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    private const string C = "cccccccccccccccccccccccccccccccc";

    private TestPhone alice = null!;
    private TestPhone bob = null!;

    // 10.1
    [Fact]
    public void RFC_7989_7_The_UUIDs_of_both_ends_cross_with_every_message()
    {
        Begin();
        alice.Invite(TestCalls.Bob, headers: Id(A, Nil));
        Is(A, Nil, bob.Expect("INVITE"));
        TestMessage invite = bob.Request;
        bob.Reply(180, headers: Id(B, A));
        Is(Nil, A, alice.Expect(100)); // 10.8.1
        Is(B, A, alice.Expect(180));
        bob.Reply(invite, 200, TestSdp.Audio(5000), Id(B, A));
        Is(A, B, bob.Expect("ACK"));
        Is(B, A, alice.Expect(200));
        alice.Ack();
        bob.Reinvite(TestSdp.Audio(5000, version: 2), Id(B, A));
        Is(B, A, alice.Expect("INVITE"));
        alice.Reply(200, TestSdp.Audio(version: 2), Id(A, B));
        Is(B, A, alice.Expect("ACK"));
        bob.Expect(100);
        Is(A, B, bob.Expect(200));
        bob.Ack();
        alice.Bye(Id(A, B));
        Is(A, B, bob.Expect("BYE"));
        bob.Reply(200, headers: Id(B, A));
        Is(B, A, alice.Expect(200, "BYE"));
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_call_of_phones_without_it_has_none()
    {
        Begin();
        Server.Call(alice, bob);
        Server.HangUp(alice, bob);
        Assert.DoesNotContain(alice.Received.Concat(bob.Received), message => message.Has("Session-ID"));
        Server.ExpectNothingLeft();
    }

    // 7: "the intermediary MAY assign a local-uuid value to represent that endpoint and, having done so, MUST insert that assigned value
    // into all signaling messages on behalf of the endpoint for that dialog".
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void RFC_7989_7_Who_has_none_gets_one_that_stays(bool callerHas)
    {
        Begin();
        alice.Invite(TestCalls.Bob, headers: callerHas ? Id(A, Nil) : "");
        TestMessage invite = bob.Expect("INVITE");
        Assert.Equal(callerHas ? $"{A};remote={Nil}" : "", invite.Header("Session-ID"));
        bob.Reply(200, TestSdp.Audio(5000), callerHas ? "" : Id(B, Nil));
        string acked = bob.Expect("ACK").Header("Session-ID");
        alice.Expect(100);
        string answered = alice.Expect(200).Header("Session-ID");
        alice.Ack();
        string made = callerHas ? answered[..32] : answered[^32..];
        Assert.Matches("^[0-9a-f]{12}4[0-9a-f]{3}[89ab]", made); // 4.1: of version 4
        Assert.Equal(callerHas ? $"{made};remote={A}" : $"{B};remote={made}", answered);
        Assert.Equal(callerHas ? $"{A};remote={made}" : $"{made};remote={B}", acked);
        bob.Bye(callerHas ? "" : Id(B, made));
        Is(callerHas ? made : B, callerHas ? A : made, alice.Expect("BYE"));
        alice.Reply(200);
        Is(callerHas ? A : made, callerHas ? made : B, bob.Expect(200));
        Server.ExpectNothingLeft();
    }

    // 7, 10.8.2
    [Fact]
    public void RFC_7989_7_A_CANCEL_has_what_its_INVITE_had_and_the_ACK_says_who_has_answered()
    {
        Begin();
        alice.Invite(TestCalls.Bob, headers: Id(A, Nil));
        TestMessage invite = bob.Expect("INVITE");
        bob.Reply(180, headers: Id(B, A));
        alice.Expect(100);
        alice.Expect(180);
        alice.Cancel(Id(A, Nil));
        alice.Expect(200);
        Is(B, A, alice.Expect(487));
        Is(A, Nil, bob.Expect("CANCEL"));
        bob.Reply(200, headers: Id(B, A));
        bob.Reply(invite, 487, headers: Id(B, A));
        Is(A, B, bob.Expect("ACK"));
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void RFC_7989_7_What_is_said_for_several_phones_is_said_by_nobody()
    {
        Begin();
        TestPhone second = Server.AddPhone("bob", registered: true);
        alice.Invite(TestCalls.Bob, headers: Id(A, Nil));
        foreach ((TestPhone phone, string uuid) in new[] { (bob, B), (second, C) })
        {
            phone.Expect("INVITE");
            phone.Reply(486, headers: Id(uuid, A));
            phone.Expect("ACK");
        }

        alice.Expect(100);
        Is(Nil, A, alice.Expect(486));
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void What_one_phone_refuses_it_says_itself()
    {
        Begin();
        alice.Invite(TestCalls.Bob, headers: Id(A, Nil));
        bob.Expect("INVITE");
        bob.Reply(486, headers: Id(B, A));
        Is(A, B, bob.Expect("ACK"));
        alice.Expect(100);
        Is(B, A, alice.Expect(486));
        Server.ExpectNothingLeft();
    }

    // 7: "a BYE message to terminate a call for policy reasons".
    [Fact]
    public void RFC_7989_7_Requests_of_the_server_have_it()
    {
        Start("[b2bua]\nmax-call-duration=60");
        Begin();
        Connect();
        Server.Advance(60.1);
        Is(A, B, bob.Expect("BYE"));
        bob.Reply(200);
        Is(B, A, alice.Expect("BYE"));
        alice.Reply(200);
        Server.ExpectNothingLeft();
    }

    // 8: a new UUID in a request counts once the request is accepted.
    [Theory]
    [InlineData(200, C)]
    [InlineData(488, A)]
    public void RFC_7989_8_A_new_UUID_counts_if_its_request_is_accepted(int code, string then)
    {
        Begin();
        Connect();
        alice.Reinvite(TestSdp.Audio(version: 2), Id(C, B));
        Is(C, B, bob.Expect("INVITE"));
        bob.Reply(code, code == 200 ? TestSdp.Audio(5000, version: 2) : "", Id(B, C));
        bob.Expect("ACK");
        alice.Expect(100);
        Is(B, C, alice.Expect(code));
        if (code == 200)
        {
            alice.Ack();
        }

        bob.Ask("INFO", "x", Id(B, then), "text/plain");
        Is(B, then, alice.Expect("INFO"));
        alice.Reply(200);
        Is(then, B, bob.Expect(200));
        Server.HangUp(bob, alice);
        Server.ExpectNothingLeft();
    }

    // 10.2, with the server in Alice's place.
    [Fact]
    public void RFC_7989_10_2_After_a_transfer_each_knows_the_other()
    {
        Begin();
        TestPhone carol = Server.AddPhone("carol", registered: true);
        Connect();
        bob.Ask("REFER", headers: $"Refer-To: <sip:carol@example.org>\r\n{Id(B, A)}");
        Is(A, B, bob.Expect(202));
        Is(A, B, bob.Expect("NOTIFY"));
        bob.Reply(200, headers: Id(B, A));
        Is(A, Nil, carol.Expect("INVITE")); // 6: not the peer's before
        carol.Reply(200, TestSdp.Audio(6000), Id(C, A));
        Is(A, C, carol.Expect("ACK"));
        Is(C, A, alice.Expect("INVITE"));
        alice.Reply(200, TestSdp.Audio(), Id(A, C));
        Is(C, A, alice.Expect("ACK"));
        Is(A, B, bob.Expect("NOTIFY")); // 6: what is left to say to the peer before goes by the old one
        bob.Reply(200);
        bob.Bye(Id(B, A));
        Is(A, B, bob.Expect(200, "BYE"));
        alice.Bye(Id(A, C));
        Is(A, C, carol.Expect("BYE"));
        carol.Reply(200);
        Is(C, A, alice.Expect(200));
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void After_a_transfer_with_consultation_each_knows_the_other(int loops)
    {
        Start($"[global]\nevent-loops={loops}");
        Begin();
        TestPhone carol = Server.AddPhone("carol", registered: true);
        Connect();
        TestDialog first = alice.Dialog;
        alice.Invite("sip:carol@example.org", headers: Id(A, Nil));
        carol.Expect("INVITE");
        carol.Reply(200, TestSdp.Audio(6000), Id(C, A));
        carol.Expect("ACK");
        alice.Expect(100);
        alice.Expect(200);
        alice.Ack();
        TestDialog second = alice.Dialog;
        alice.Dialog = first;
        string replaces = Uri.EscapeDataString(second.Replaces());
        alice.Ask("REFER", headers: $"Refer-To: <sip:carol@example.org?Replaces={replaces}>\r\n{Id(A, B)}");
        Is(B, C, carol.Await("INVITE"));
        carol.Reply(200, TestSdp.Audio(6000, version: 2), Id(C, B));
        Is(B, C, carol.Await("ACK"));
        Is(C, B, bob.Await("INVITE"));
        bob.Reply(200, TestSdp.Audio(5000), Id(B, C));
        bob.Await("ACK");
        Server.Advance(5);
        alice.Skip();
        Server.HangUp(bob, carol);
        Server.Advance(200);
        Server.ExpectNoState();
    }

    // 11
    [Fact]
    public void RFC_7989_11_One_UUID_for_both_ends_stays_one()
    {
        Begin();
        alice.Invite(TestCalls.Bob, headers: $"Session-ID: {A}");
        Assert.Equal(A, bob.Expect("INVITE").Header("Session-ID"));
        bob.Reply(200, TestSdp.Audio(5000), $"Session-ID: {A}");
        bob.Expect("ACK");
        alice.Expect(100);
        Assert.Equal(A, alice.Expect(200).Header("Session-ID"));
        alice.Ack();
        Server.HangUp(alice, bob);
        Server.ExpectNothingLeft();
    }

    // 6, 7: what is none counts as none.
    [Theory]
    [InlineData("nonsense")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA;remote=00000000000000000000000000000000")]
    [InlineData("aaaa;remote=00000000000000000000000000000000")]
    public void RFC_7989_7_What_cannot_be_read_is_left_out(string value)
    {
        Begin();
        alice.Invite(TestCalls.Bob, headers: "Session-ID: " + value);
        Assert.False(bob.Expect("INVITE").Has("Session-ID"));
        bob.Reply(486);
        bob.Expect("ACK");
        alice.Expect(100);
        alice.Expect(486);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void Outside_calls_it_crosses_as_it_is()
    {
        Begin();
        alice.AskOutside("MESSAGE", TestCalls.Bob, "hello", Id(A, Nil));
        Is(A, Nil, bob.Expect("MESSAGE"));
        bob.Reply(200, headers: Id(B, A));
        Is(B, A, alice.Expect(200));
        Server.ExpectNothingLeft();
    }

    private static string Id(string local, string remote) => $"Session-ID: {local};remote={remote}";

    private static void Is(string local, string remote, TestMessage message) =>
        Assert.Equal(($"{message.StartLine}: {local};remote={remote}"), $"{message.StartLine}: {message.Header("Session-ID")}");

    private void Begin() => (alice, bob) = Server.AddPair();

    private void Connect()
    {
        alice.Invite(TestCalls.Bob, headers: Id(A, Nil));
        bob.Expect("INVITE");
        bob.Reply(200, TestSdp.Audio(5000), Id(B, A));
        bob.Expect("ACK");
        alice.Expect(100);
        alice.Expect(200);
        alice.Ack();
        Server.Settle();
    }
}
