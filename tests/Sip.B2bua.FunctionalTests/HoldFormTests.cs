namespace Sip.B2bua.FunctionalTests;

/// <summary>Every way in which phones put each other on hold (RFC 3264 8.4), from both sides, with the media relay and without.</summary>
public sealed class HoldFormTests : InMemoryTests
{
    private readonly SaidSessions said = new();

    public static TheoryData<string, string, bool, bool> Forms
    {
        get
        {
            TheoryData<string, string, bool, bool> rows = [];
            foreach ((string hold, string answer) in new[] { ("sendonly", "recvonly"), ("inactive", "inactive"), ("0.0.0.0", "sendrecv"), ("0.0.0.0", "0.0.0.0") })
            {
                foreach (bool callerHolds in new[] { true, false })
                {
                    rows.Add(hold, answer, callerHolds, false);
                    rows.Add(hold, answer, callerHolds, true);
                }
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void RFC_3264_8_4_a_party_holds_and_resumes(string hold, string answer, bool callerHolds, bool relayed)
    {
        (TestPhone from, TestPhone to) = Connected(callerHolds, relayed);
        Change(from, to, hold, answer);
        Change(from, to, "sendrecv", "sendrecv");
        Change(from, to, hold, answer);
        Change(from, to, "sendrecv", "sendrecv");
        End(from, to);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void RFC_3264_8_4_both_hold_and_resume_in_either_order(string hold, string answer, bool callerHolds, bool relayed)
    {
        (TestPhone from, TestPhone to) = Connected(callerHolds, relayed);
        Change(from, to, hold, answer);
        Change(to, from, "inactive", "inactive");
        Change(from, to, "recvonly", "inactive");
        Change(to, from, "sendrecv", "sendrecv");
        Change(to, from, hold, answer);
        Change(from, to, hold, "inactive");
        Change(from, to, "sendrecv", hold == "0.0.0.0" ? "0.0.0.0" : "sendonly");
        Change(to, from, "sendrecv", "sendrecv");
        End(from, to);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void RFC_3264_8_4_a_call_may_begin_on_hold(bool relayed)
    {
        (TestPhone alice, TestPhone bob) = Phones(relayed);
        alice.Invite(TestCalls.Bob, said.Audio(alice, "0.0.0.0"));
        ExpectHold("0.0.0.0", bob.Expect("INVITE").Body);
        bob.Accepts(said.Audio(bob));
        alice.TakesAnswer();
        Change(alice, bob, "sendrecv", "sendrecv");
        Change(bob, alice, "sendonly", "recvonly");
        End(alice, bob);
    }

    private void Change(TestPhone from, TestPhone to, string offer, string answer)
    {
        (string offered, string answered) = Server.Change(from, to, said.Audio(from, offer), said.Audio(to, answer));
        ExpectHold(offer, offered);
        ExpectHold(answer, answered);
    }

    private static void ExpectHold(string form, string sdp)
    {
        if (form == "0.0.0.0")
        {
            Assert.Contains("c=IN IP4 0.0.0.0\r\n", sdp, StringComparison.Ordinal);
        }
        else
        {
            Assert.Contains($"a={form}\r\n", sdp, StringComparison.Ordinal);
            Assert.DoesNotContain("0.0.0.0", sdp, StringComparison.Ordinal);
        }

        Assert.NotEqual(0, HeardSession.PortOf(Assert.Single(HeardSession.MediaLines(sdp))));
    }

    private (TestPhone From, TestPhone To) Connected(bool callerHolds, bool relayed)
    {
        (TestPhone alice, TestPhone bob) = Phones(relayed);
        alice.Invite(TestCalls.Bob, said.Audio(alice));
        bob.Expect("INVITE");
        bob.Accepts(said.Audio(bob));
        alice.TakesAnswer();
        return callerHolds ? (alice, bob) : (bob, alice);
    }

    private (TestPhone Alice, TestPhone Bob) Phones(bool relayed)
    {
        if (relayed)
        {
            StartRelay("127.39.1.2");
        }

        return Server.AddPair();
    }

    private void End(TestPhone from, TestPhone to)
    {
        from.HasOneSessionInEachDialog();
        to.HasOneSessionInEachDialog();
        Server.End(from, to);
    }
}
