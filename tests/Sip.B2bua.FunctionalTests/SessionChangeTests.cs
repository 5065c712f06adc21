using static Sip.B2bua.FunctionalTests.HeardSession;

namespace Sip.B2bua.FunctionalTests;

/// <summary>What phones change within a call: codecs, video, fax; from either side, with the media relay and without.</summary>
public sealed class SessionChangeTests : InMemoryTests
{
    private const string Audio = "m=audio 4000 RTP/AVP 0 101";
    private const string Video = "m=video 4002 RTP/AVP 96";
    private const string VideoGone = "m=video 0 RTP/AVP 96";
    private static readonly string[] Fax = ["m=image 4004 udptl t38", "a=T38FaxVersion:0", "a=T38MaxBitRate:14400", "a=T38FaxUdpEC:t38UDPRedundancy"];

    private readonly SaidSessions said = new();

    // Whether the caller changes the session, and whether the media are relayed.
    public static TheoryData<bool, bool> Sides => new() { { true, false }, { false, false }, { true, true }, { false, true } };

    public static TheoryData<string, bool, bool> Methods
    {
        get
        {
            TheoryData<string, bool, bool> rows = [];
            foreach (string method in new[] { "INVITE", "UPDATE" })
            {
                foreach (bool callerChanges in new[] { true, false })
                {
                    rows.Add(method, callerChanges, false);
                    rows.Add(method, callerChanges, true);
                }
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void RFC_3264_8_3_2_another_codec_is_agreed_on(string method, bool callerChanges, bool relayed)
    {
        (TestPhone from, TestPhone to) = Connected(callerChanges, relayed);
        Change(from, to, method, [Audio.Replace("0 101", "9 8 101", StringComparison.Ordinal), "a=rtpmap:9 G722/8000"], [Audio.Replace("0 101", "8 101", StringComparison.Ordinal)]);
        Change(to, from, method, [Audio.Replace("0 101", "3", StringComparison.Ordinal)], [Audio.Replace("0 101", "3", StringComparison.Ordinal)]);
        End(from, to);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void RFC_3264_8_1_and_8_2_video_comes_goes_and_comes_back_on_its_line(string method, bool callerChanges, bool relayed)
    {
        (TestPhone from, TestPhone to) = Connected(callerChanges, relayed);
        Change(from, to, method, [Audio, Video], [Audio, Video]);
        Change(to, from, method, [Audio, VideoGone], [Audio, VideoGone]);
        Change(from, to, method, [Audio, Video], [Audio, Video]);
        Change(from, to, method, [Audio, VideoGone, "m=application 4006 RTP/AVP 100"], [Audio, VideoGone, "m=application 4006 RTP/AVP 100"]);
        End(from, to);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void RFC_3264_6_video_that_the_other_does_not_want_leaves_the_audio(string method, bool callerChanges, bool relayed)
    {
        (TestPhone from, TestPhone to) = Connected(callerChanges, relayed);
        Change(from, to, method, [Audio, Video], [Audio, VideoGone]);
        Change(to, from, method, [Audio, VideoGone], [Audio, VideoGone]);
        End(from, to);
    }

    [Theory]
    [MemberData(nameof(Sides))]
    public void A_fax_takes_the_place_of_the_audio_and_gives_it_back(bool callerChanges, bool relayed)
    {
        (TestPhone from, TestPhone to) = Connected(callerChanges, relayed);
        (string offer, string answer) = Change(from, to, "INVITE", Fax, Fax);
        Assert.All([offer, answer], sdp => Assert.Contains("a=T38MaxBitRate:14400", sdp, StringComparison.Ordinal));
        Change(to, from, "INVITE", [Audio], [Audio]);
        Change(from, to, "INVITE", [Audio.Replace("4000", "0", StringComparison.Ordinal), .. Fax], [Audio.Replace("4000", "0", StringComparison.Ordinal), .. Fax]);
        End(from, to);
    }

    [Theory]
    [MemberData(nameof(Sides))]
    public void RFC_3261_14_1_a_fax_that_is_refused_leaves_the_call_as_it_was(bool callerChanges, bool relayed)
    {
        (TestPhone from, TestPhone to) = Connected(callerChanges, relayed);
        int port = PortOf(MediaLines(to.Received.Last(message => message.Body.Length > 0).Body)[0]);
        from.Reinvite(said.Next(from, Fax));
        Assert.Equal("image udptl t38", WithoutPort(MediaLines(to.Expect("INVITE").Body)[0]));
        to.Refuses(488);
        from.Expect(100);
        from.Expect(488);
        (string offer, _) = Change(from, to, "INVITE", [Audio], [Audio]);
        Assert.Equal(relayed ? port : 4000, PortOf(MediaLines(offer)[0]));
        End(from, to);
    }

    [Theory]
    [InlineData("Allow: INVITE, ACK, BYE, CANCEL")]
    [InlineData("")]
    public void RFC_3311_4_an_UPDATE_comes_as_reINVITE_to_a_phone_that_has_not_listed_it_in_Allow(string allow)
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob, said.Next(alice, Audio));
        bob.Expect("INVITE");
        bob.Reply(200, said.Next(bob, Audio), allow);
        bob.Expect("ACK");
        alice.TakesAnswer();
        string offer = said.Next(alice, Audio, "a=sendonly");
        alice.Ask("UPDATE", offer);
        Assert.Equal(offer, bob.Expect("INVITE").Body);
        bob.Reply(180);
        string answer = said.Next(bob, Audio, "a=recvonly");
        bob.Accepts(answer);
        Assert.Equal(answer, alice.Expect(200, "UPDATE").Body);
        alice.Ask("UPDATE", said.Next(alice, Video));
        bob.Expect("INVITE");
        bob.Refuses(488);
        alice.Expect(488, "UPDATE");
        alice.Ask("UPDATE", "x", type: "text/plain");
        Assert.Contains("takes no UPDATE", alice.Expect(488, "UPDATE").Reason, StringComparison.Ordinal);
        alice.Ask("UPDATE");
        alice.Expect(200, "UPDATE");
        bob.ExpectNothing();
        Server.End(alice, bob);
    }

    // The media lines cross; a relay puts its own ports into those that are not 0.
    private (string Offer, string Answer) Change(TestPhone from, TestPhone to, string method, string[] offered, string[] answered)
    {
        (string offer, string answer) = (said.Next(from, offered), said.Next(to, answered));
        (string Offer, string Answer) told = method == "INVITE" ? Server.Change(from, to, offer, answer) : from.Update(to, offer, answer);
        ExpectSame(offer, told.Offer);
        ExpectSame(answer, told.Answer);
        return told;
    }

    private static void ExpectSame(string said, string told)
    {
        Assert.Equal(MediaLines(said).Select(WithoutPort), MediaLines(told).Select(WithoutPort));
        Assert.Equal(MediaLines(said).Select(line => PortOf(line) == 0), MediaLines(told).Select(line => PortOf(line) == 0));
    }

    private (TestPhone From, TestPhone To) Connected(bool callerChanges, bool relayed)
    {
        if (relayed)
        {
            StartRelay("127.39.1.1");
        }

        (TestPhone alice, TestPhone bob) = Server.AddPair().TakingUpdate();
        alice.Invite(TestCalls.Bob, said.Next(alice, Audio));
        bob.Expect("INVITE");
        bob.Accepts(said.Next(bob, Audio));
        alice.TakesAnswer();
        return callerChanges ? (alice, bob) : (bob, alice);
    }

    private void End(TestPhone from, TestPhone to)
    {
        from.HasOneSessionInEachDialog();
        to.HasOneSessionInEachDialog();
        Server.End(from, to);
    }
}
