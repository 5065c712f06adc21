namespace Sip.B2bua.FunctionalTests;

/// <summary>What of a body shows one side to the other stays; what the users say crosses.</summary>
public sealed class BodyHidingTests : InMemoryTests
{
    private const string Type = "multipart/mixed;boundary=b1";
    private const string Message = "INVITE sip:bob@10.1.2.3 SIP/2.0\r\nVia: SIP/2.0/UDP 10.1.2.3\r\nCall-ID: inner\r\n\r\n";
    private const string Fragment = "From: <sip:alice@10.1.2.3>\r\nCall-ID: inner\r\n";
    private const string Place = "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\"/>";

    public static TheoryData<string> Hidden =>
    [
        Part("message/sip", Message),
        Part("Message/Sip; version=2.0", Message),
        Part("message/sipfrag", Fragment),
        Part("message/sipfrag;version=2.0", Message),
        Part("multipart/mixed;boundary=b2", $"--b2\r\nContent-Type: message/sip\r\n\r\n{Message}\r\n--b2--\r\n"),
    ];

    [Theory]
    [MemberData(nameof(Hidden))]
    public void RFC_3261_23_4_a_message_of_one_side_in_a_body_stays_there(string part)
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Call(alice, bob);
        alice.Ask("INFO", Of(Part("application/sdp", "v=0\r\n"), part, Part("application/pidf+xml", Place)), type: Type);
        TestMessage info = bob.Expect("INFO");
        Assert.Equal((Type, Of(Part("application/sdp", "v=0\r\n"), Part("application/pidf+xml", Place))), (info.Header("Content-Type"), info.Body));
        bob.Reply(200);
        alice.Expect(200);
        Server.End(alice, bob);
    }

    [Fact]
    public void The_session_beside_such_a_message_is_offered_and_answered()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair().TakingUpdate();
        Server.Call(alice, bob);
        string session = Part("application/sdp", TestSdp.Audio(version: 2));
        alice.Ask("UPDATE", Of(Part("message/sip", Message), session), type: Type);
        Assert.Equal(Of(session), bob.Expect("UPDATE").Body);
        bob.Reply(200, TestSdp.Audio(5000, version: 2));
        Assert.Equal(TestSdp.Audio(5000, version: 2), alice.Expect(200).Body);
        Server.End(alice, bob);
    }

    [Theory]
    [InlineData("message/sip", Message)]
    [InlineData("message/sipfrag", Fragment)]
    public void A_body_of_which_nothing_crosses_is_none(string type, string body)
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Call(alice, bob);
        foreach ((string outer, string text) in new[] { (type, body), (Type, Of(Part(type, body))) })
        {
            alice.Ask("INFO", text, "MIME-Version: 1.0", outer);
            TestMessage info = bob.Expect("INFO");
            Assert.Equal(("", "0", false, false), (info.Body, info.Header("Content-Length"), info.Has("Content-Type"), info.Has("MIME-Version")));
            bob.Reply(200);
            alice.Expect(200);
        }

        Server.End(alice, bob);
    }

    [Fact]
    public void RFC_3515_2_4_5_of_the_answer_in_a_NOTIFY_the_status_line_crosses()
    {
        Start("[b2bua]\ntransfer=pass");
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Call(alice, bob);
        alice.Ask("NOTIFY", "SIP/2.0 200 OK\r\nContact: <sip:carol@10.1.2.3>\r\n", "Event: refer\r\nSubscription-State: active", "message/sipfrag;version=2.0");
        Assert.Equal("SIP/2.0 200 OK\r\n", bob.Expect("NOTIFY").Body);
        bob.Reply(200);
        alice.Expect(200);
        Server.End(alice, bob);
    }

    [Fact]
    public void Outside_of_calls_it_is_the_same()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.AskOutside("MESSAGE", bob.AddressOfRecord, Of(Part("text/plain", "hello"), Part("message/sip", Message)), type: Type);
        Assert.Equal(Of(Part("text/plain", "hello")), bob.Expect("MESSAGE").Body);
        bob.Reply(200);
        alice.Expect(200);
        Server.ExpectNothingLeft();
    }

    // RFC 5621 sets no limit, the server does: what it has not looked at does not cross.
    [Fact]
    public void Parts_beyond_what_is_read_stay()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Call(alice, bob);
        string[] parts = [.. Enumerable.Repeat(Part("text/plain", "x"), 16), Part("message/sip", Message)];
        alice.Ask("INFO", Of(parts), type: Type);
        Assert.Equal(Of(parts[..16]), bob.Expect("INFO").Body);
        bob.Reply(200);
        alice.Expect(200);
        Server.End(alice, bob);
    }

    private static string Part(string type, string content) => $"Content-Type: {type}\r\n\r\n{content}";

    private static string Of(params string[] parts) => string.Concat(parts.Select(part => $"--b1\r\n{part}\r\n")) + "--b1--\r\n";
}
