namespace Sip.B2bua.FunctionalTests;

/// <summary>Calls that go to voicemail, or where their user has them diverted.</summary>
public sealed class DiversionTests : InMemoryTests
{
    private const string Voicemail = "voicemail-server=sip:vm@192.0.2.50:5060";

    private readonly string file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    private TestPhone voicemail = null!;

    [Theory]
    [InlineData(486, 486)]
    [InlineData(603, 603)]
    [InlineData(408, 408)]
    [InlineData(480, 408)]
    public void A_call_that_fails_goes_to_voicemail_which_is_told_whose_box_and_why(int code, int cause)
    {
        (TestPhone alice, TestPhone bob) = Pair(Voicemail);
        alice.Invite(TestCalls.Bob);
        bob.Expect("INVITE");
        bob.RefusesCall(code);
        TestMessage invite = voicemail.Expect("INVITE");
        Assert.Equal($"sip:vm@192.0.2.50:5060;target=sip:bob%40example.org;cause={cause}", invite.RequestUri);
        Assert.StartsWith("<sip:bob@example.org>;reason=", invite.Header("Diversion"));
        Assert.Contains($"cause%3D{cause}>;index=1", invite.Header("History-Info"));
        alice.Expect(100);
        alice.Expect(181);
        voicemail.Accepts(TestSdp.Audio(5000));
        alice.Expect(200);
        alice.Ack();
        Server.End(alice, voicemail);
    }

    [Theory]
    [InlineData(486, true)]
    [InlineData(486, false)]
    [InlineData(480, true)]
    public void A_transferred_call_goes_to_the_voicemail_of_whom_it_was_transferred_to(int code, bool isAnswered)
    {
        (TestPhone alice, TestPhone bob) = Pair(Voicemail);
        TestPhone carol = Server.AddPhone("carol", registered: true);
        Server.Call(alice, bob);
        alice.Skip();
        TestDialog call = bob.Dialog;
        bob.Refers("<sip:carol@example.org>");
        carol.Expect("INVITE");
        carol.Refuses(code);
        TestMessage invite = voicemail.Expect("INVITE");
        Assert.StartsWith("sip:vm@192.0.2.50:5060;target=sip:carol%40example.org;", invite.RequestUri);
        Assert.Contains("sip:alice@", invite.Header("From"), StringComparison.Ordinal);
        if (!isAnswered)
        {
            voicemail.Refuses(503);
            bob.HearsOf("SIP/2.0 500 Server Internal Error", "terminated");
            Server.End(bob, alice);
            return;
        }

        voicemail.Accepts(TestSdp.Audio(6000));
        Assert.Contains("m=audio 6000 ", alice.Expect("INVITE").Body, StringComparison.Ordinal);
        alice.Accepts();
        bob.HearsOf("SIP/2.0 200 OK", "terminated");
        bob.Dialog = call;
        bob.Leaves();
        Server.End(alice, voicemail);
    }

    [Fact]
    public void A_transfer_that_is_given_up_while_voicemail_rings_leaves_nothing()
    {
        (TestPhone alice, TestPhone bob) = Pair(Voicemail);
        TestPhone carol = Server.AddPhone("carol", registered: true);
        Server.Call(alice, bob);
        bob.Refers("<sip:carol@example.org>");
        carol.Expect("INVITE");
        carol.Refuses(486);
        voicemail.Expect("INVITE");
        voicemail.Reply(180);
        bob.HearsOf("SIP/2.0 180 Ringing");
        alice.Leaves();
        voicemail.IsCancelled();
        bob.IsHungUpOn();
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData("busy", true)]
    [InlineData("busy", false)]
    [InlineData("always", true)]
    public void Nobody_is_called_by_himself_where_the_one_he_is_sent_to_diverts_to_him(string when, bool diverts)
    {
        Start("[module::Router]\n" + (diverts ? Diversions("carol", when, TestCalls.Bob) : ""));
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        TestPhone carol = Server.AddPhone("carol", registered: true);
        Server.Call(alice, bob);
        alice.Refers("<sip:carol@example.org>");
        if (when == "busy")
        {
            carol.Expect("INVITE");
            carol.Reply(diverts ? 486 : 302, headers: diverts ? "" : $"Contact: <{TestCalls.Bob}>");
            carol.Expect("ACK");
        }

        bob.ExpectNothing();
        alice.HearsOf(when == "always" ? "SIP/2.0 482 Loop Detected" : diverts ? "SIP/2.0 486 Busy Here" : "SIP/2.0 302 Moved Temporarily", "terminated");
        Server.End(alice, bob);
    }

    [Fact]
    public void A_call_that_nobody_answers_goes_to_voicemail()
    {
        (TestPhone alice, TestPhone bob) = Pair(Voicemail + "\ncall-fork-timeout=20");
        Server.Ring(alice, bob);
        Server.Advance(20.1);
        bob.IsCancelled();
        Assert.EndsWith(";cause=408", voicemail.Expect("INVITE").RequestUri);
        alice.Expect(181);
        Answered(alice);
    }

    [Fact]
    public void A_user_who_is_not_registered_has_a_voicemail_too_and_nobody_has_none()
    {
        (TestPhone alice, _) = Pair(Voicemail);
        alice.Invite("sip:carol@example.org");
        voicemail.Expect("INVITE");
        alice.Expect(100);
        alice.Expect(181);
        Answered(alice);
        alice.Invite("sip:nobody@example.org");
        alice.Expect(404);
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData(404, "")]
    [InlineData(486, "forwarding-status-codes=408 603")]
    public void Other_failures_do_not(int code, string settings)
    {
        (TestPhone alice, TestPhone bob) = Pair(Voicemail + "\n" + settings);
        alice.Invite(TestCalls.Bob);
        bob.Expect("INVITE");
        bob.RefusesCall(code);
        alice.Await(code);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void What_voicemail_refuses_is_told_to_the_caller()
    {
        (TestPhone alice, TestPhone bob) = Pair(Voicemail + "\npermit-self-generated-provisional-response=false");
        alice.Invite(TestCalls.Bob);
        bob.Expect("INVITE");
        bob.RefusesCall(486);
        voicemail.Expect("INVITE");
        voicemail.RefusesCall(486);
        alice.Expect(100);
        alice.Expect(486);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_caller_who_gives_up_gets_no_voicemail()
    {
        (TestPhone alice, TestPhone bob) = Pair(Voicemail);
        Server.Ring(alice, bob);
        alice.Cancel();
        bob.IsCancelled();
        alice.Await(487, "INVITE", 0);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_caller_may_give_up_while_voicemail_rings()
    {
        (TestPhone alice, TestPhone bob) = Pair(Voicemail);
        alice.Invite(TestCalls.Bob);
        bob.Expect("INVITE");
        bob.RefusesCall(486);
        voicemail.Expect("INVITE");
        voicemail.Reply(180);
        alice.Await(180);
        alice.Cancel();
        voicemail.IsCancelled();
        alice.Await(487, "INVITE", 0);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_user_diverts_every_call()
    {
        (TestPhone alice, _) = Pair(Diversions("bob", "always", "sip:carol@example.org"));
        TestPhone carol = Server.AddPhone("carol", registered: true);
        alice.Invite(TestCalls.Bob);
        TestMessage invite = carol.Expect("INVITE");
        Assert.Equal("<sip:bob@example.org>;reason=unconditional;counter=1", invite.Header("Diversion"));
        carol.Accepts(TestSdp.Audio(5000));
        alice.Expect(100);
        alice.Expect(181);
        alice.Expect(200);
        alice.Ack();
        Server.End(alice, carol);
    }

    [Theory]
    [InlineData("busy", 486, true)]
    [InlineData("busy", 480, false)]
    [InlineData("away", 480, true)]
    [InlineData("away", 486, false)]
    public void A_user_diverts_when_busy_or_away(string type, int code, bool diverted)
    {
        (TestPhone alice, TestPhone bob) = Pair(Diversions("bob", type, "sip:carol@example.org"));
        TestPhone carol = Server.AddPhone("carol", registered: true);
        alice.Invite(TestCalls.Bob);
        bob.Expect("INVITE");
        bob.RefusesCall(code);
        if (diverted)
        {
            carol.Expect("INVITE");
            carol.RefusesCall(404);
            alice.Await(404);
        }
        else
        {
            alice.Await(code);
        }

        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_user_diverts_abroad()
    {
        (TestPhone alice, _) = Pair(Diversions("bob", "always", "sip:+33123@192.0.2.50"));
        alice.Invite(TestCalls.Bob);
        Assert.Equal("sip:+33123@192.0.2.50", voicemail.Expect("INVITE").RequestUri);
        alice.Expect(100);
        alice.Expect(181);
        Answered(alice);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void Diversions_in_a_circle_get_482()
    {
        (TestPhone alice, _) = Pair(Diversions("bob", "always", "sip:carol@example.org", "carol", "always", "sip:bob@example.org"));
        alice.Invite(TestCalls.Bob);
        alice.Expect(482);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void More_than_max_call_diversions_get_482_those_of_others_included()
    {
        (TestPhone alice, _) = Pair(Diversions("bob", "always", "sip:carol@example.org") + "\nmax-call-diversions=3");
        alice.Invite(TestCalls.Bob, headers: "Diversion: <sip:x@example.com>;counter=2\r\nDiversion: <sip:y@example.com>");
        alice.Expect(482);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_strangers_Diversion_and_History_Info_go_nowhere()
    {
        (TestPhone alice, TestPhone bob) = Pair("");
        alice.Invite(TestCalls.Bob, headers: "Diversion: <sip:boss@example.org>\r\nHistory-Info: <sip:boss@example.org>;index=1");
        TestMessage invite = bob.Expect("INVITE");
        Assert.False(invite.Has("Diversion") || invite.Has("History-Info"));
        bob.RefusesCall(486);
        alice.Await(486);
        Server.ExpectNothingLeft();
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        File.Delete(file);
    }

    private void Answered(TestPhone alice)
    {
        voicemail.Accepts(TestSdp.Audio(5000));
        alice.Expect(200);
        alice.Ack();
        Server.HangUp(alice, voicemail);
    }

    private (TestPhone Alice, TestPhone Bob) Pair(string settings)
    {
        Start("[module::Router]\n" + settings);
        voicemail = Server.AddPhoneAt("192.0.2.50:5060", "vm");
        return Server.AddPair();
    }

    private string Diversions(params string[] rows) => TestCalls.Diversions(file, rows);
}
