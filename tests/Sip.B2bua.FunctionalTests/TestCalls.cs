namespace Sip.B2bua.FunctionalTests;

/// <summary>The parts that most call flows begin or end with.</summary>
internal static class TestCalls
{
    public const string Bob = "sip:bob@example.org";

    /// <summary>What a phone allows that takes UPDATE.</summary>
    public const string WithUpdate = "INVITE, ACK, BYE, CANCEL, UPDATE";

    /// <summary>One datagram in ten is lost, others come late, twice or in another order.</summary>
    public static NetworkConditions BadNetwork => new()
    {
        Loss = 0.1,
        Duplicate = 0.1,
        Reorder = 0.2,
        ReorderDelay = TimeSpan.FromMilliseconds(60),
        Delay = TimeSpan.FromMilliseconds(20),
        Jitter = TimeSpan.FromMilliseconds(10),
    };

    /// <summary>Writes where users want their calls to go, and returns the settings of the Router for it.</summary>
    /// <param name="file">The file to write.</param>
    /// <param name="rows">User, type, to, and so on.</param>
    public static string Diversions(string file, params string[] rows)
    {
        IEnumerable<string> accounts = rows.Chunk(3).Select(row =>
            $$$"""{"type":"account","payload":{"id":1,"sip_uri":"sip:{{{row[0]}}}@example.org","call_forwardings":[{"type":"{{{row[1]}}}","forward_to":"sip_uri","sip_uri":"{{{row[2]}}}","enabled":true}]}}""");
        File.WriteAllText(file, $"[{string.Join(",", accounts)}]");
        return $"enable-call-diversions=true\ncall-diversions-file={file}";
    }

    /// <summary>The phones say from now on that they take UPDATE, which nobody else is sent (RFC 3311 4).</summary>
    public static (TestPhone Alice, TestPhone Bob) TakingUpdate(this (TestPhone Alice, TestPhone Bob) pair)
    {
        pair.Alice.Allow = pair.Bob.Allow = WithUpdate;
        return pair;
    }

    /// <summary>A calls B, B answers, A acknowledges.</summary>
    public static void Call(this TestServer server, TestPhone a, TestPhone b)
    {
        a.Invite(b.AddressOfRecord, TestSdp.Audio(a.MediaPort()));
        b.Expect("INVITE");
        b.Accepts();
        a.TakesAnswer();
        server.Settle();
    }

    /// <summary>A caller and a callee who has answered; the caller has neither taken nor acknowledged the answer.</summary>
    public static (TestPhone Alice, TestPhone Bob) AddAnswered(this TestServer server)
    {
        (TestPhone alice, TestPhone bob) = server.AddPair();
        alice.Invite(Bob);
        bob.Expect("INVITE");
        bob.Accepts();
        return (alice, bob);
    }

    /// <summary>The phone calls, is asked who it is, and says so.</summary>
    /// <param name="phone">Whose.</param>
    /// <param name="uri">Whom.</param>
    /// <param name="headers">More header lines, each with its end.</param>
    public static void InviteAsked(this TestPhone phone, string uri, string headers = "")
    {
        string sdp = TestSdp.Audio(phone.MediaPort());
        phone.Invite(uri, sdp, headers);
        TestMessage challenge = phone.Expect(407);
        phone.Invite(uri, sdp, headers + TestDigest.Authorization(challenge, "INVITE", uri, phone.User, phone.User + "-secret"));
    }

    /// <summary>The phone takes the call, or the change, that it was asked for last.</summary>
    public static void Accepts(this TestPhone phone, string? sdp = null)
    {
        phone.Reply(200, sdp ?? TestSdp.Audio(phone.MediaPort()));
        phone.Expect("ACK");
    }

    /// <inheritdoc cref="Accepts(TestPhone, string?)"/>
    public static void Accepts(this TestPhone phone, TestMessage invite, string sdp)
    {
        phone.Reply(invite, 200, sdp);
        phone.Expect("ACK");
    }

    /// <summary>The phone does not take it.</summary>
    public static void Refuses(this TestPhone phone, int code) => phone.Refuses(phone.Request, code);

    /// <inheritdoc cref="Refuses(TestPhone, int)"/>
    public static void Refuses(this TestPhone phone, TestMessage invite, int code)
    {
        phone.Reply(invite, code);
        phone.Expect("ACK");
    }

    /// <summary>A phone refuses the INVITE that began its call, whatever has come since.</summary>
    public static void RefusesCall(this TestPhone phone, int code) => phone.Refuses(phone.Dialog.ReceivedInvite!, code);

    /// <summary>The INVITE that began its call is cancelled.</summary>
    public static void IsCancelled(this TestPhone phone) => phone.IsCancelled(phone.Dialog.ReceivedInvite!);

    /// <summary>The other party, or the server, hangs up.</summary>
    public static void IsHungUpOn(this TestPhone phone)
    {
        phone.Expect("BYE");
        phone.Reply(200);
    }

    /// <summary>The phone is told that nobody wants its answer to an INVITE any more.</summary>
    public static void IsCancelled(this TestPhone phone, TestMessage invite)
    {
        phone.Expect("CANCEL");
        phone.Reply(200);
        phone.Reply(invite, 487);
        phone.Expect("ACK");
    }

    /// <summary>The call that the phone makes is answered, and it acknowledges the answer.</summary>
    public static void TakesAnswer(this TestPhone phone)
    {
        phone.Expect(100);
        phone.Expect(200, "INVITE");
        phone.Ack();
    }

    /// <summary>The INVITE without an offer that the phone sent is answered with one, and it answers that.</summary>
    /// <returns>The offer.</returns>
    public static string TakesOffer(this TestPhone phone, string answer)
    {
        phone.Expect(100);
        string offer = phone.Expect(200, "INVITE").Body;
        phone.Ack(answer);
        return offer;
    }

    /// <summary>A party changes the session by re-INVITE and the other agrees.</summary>
    /// <returns>What the other was offered, and what the party was answered.</returns>
    public static (string Offer, string Answer) Change(this TestServer server, TestPhone from, TestPhone to, string offer, string answer)
    {
        from.Reinvite(offer);
        string offered = to.Expect("INVITE").Body;
        to.Accepts(answer);
        from.Expect(100);
        string answered = from.Expect(200).Body;
        from.Ack();
        server.Settle();
        return (offered, answered);
    }

    /// <summary>A party changes the session by UPDATE (RFC 3311) and the other agrees.</summary>
    /// <returns>What the other was offered, and what the party was answered.</returns>
    public static (string Offer, string Answer) Update(this TestPhone from, TestPhone to, string offer, string answer)
    {
        from.Ask("UPDATE", offer);
        string offered = to.Expect("UPDATE").Body;
        to.Reply(200, answer);
        return (offered, from.Expect(200, "UPDATE").Body);
    }

    /// <summary>A party asks for another session by re-INVITE or by UPDATE, and the other does not take it.</summary>
    public static void ChangeInVain(this TestPhone from, TestPhone to, string offer, string method = "INVITE")
    {
        if (method == "INVITE")
        {
            from.Reinvite(offer);
            to.Expect("INVITE");
            to.Refuses(488);
            from.Expect(100);
        }
        else
        {
            from.Ask(method, offer);
            to.Expect(method);
            to.Reply(488);
        }

        from.Expect(488, method);
    }

    /// <summary>
    /// The server does what a party of two calls has asked for (RFC 5589 7.1): the other of the second call gets its place in the first.
    /// </summary>
    public static void IsReplacedBy(this TestPhone leaving, TestPhone joined, TestPhone staying, TestDialog first)
    {
        leaving.IsHungUpOn();
        joined.Expect("INVITE");
        joined.Accepts(TestSdp.Audio(joined.MediaPort(), version: 2));
        Assert.Contains($"m=audio {joined.MediaPort()} ", staying.Expect("INVITE").Body, StringComparison.Ordinal);
        staying.Accepts();
        leaving.HearsOf("SIP/2.0 200 OK", "terminated");
        leaving.Dialog = first;
        leaving.Leaves();
    }

    /// <summary>A party puts the other on hold.</summary>
    public static void Hold(this TestServer server, TestPhone from, TestPhone to, int version = 2) =>
        server.Change(from, to, TestSdp.Audio(from.MediaPort(), "sendonly", version), TestSdp.Audio(to.MediaPort(), "recvonly", version));

    /// <summary>Where the phone of a user wants its media: Alice's at 4000, Bob's at 5000, and so on.</summary>
    public static int MediaPort(this TestPhone phone) => 4000 + (1000 * (phone.User[0] - 'a'));

    /// <summary>The dialog as an INVITE or a REFER of somebody else names it (RFC 3891 6.1).</summary>
    public static string Replaces(this TestDialog dialog) => $"{dialog.CallId};to-tag={dialog.RemoteTag};from-tag={dialog.LocalTag}";

    /// <summary>A party leaves its dialog; nothing is said of what becomes of the other.</summary>
    public static void Leaves(this TestPhone phone)
    {
        phone.Bye();
        phone.Expect(200, "BYE");
    }

    /// <summary>The first phone hangs up.</summary>
    public static void HangUp(this TestServer server, TestPhone first, TestPhone second)
    {
        first.Bye();
        second.Expect("BYE");
        second.Reply(200);
        first.Expect(200, "BYE");
        server.Settle();
    }

    /// <summary>The first phone hangs up, and that was all.</summary>
    public static void End(this TestServer server, TestPhone first, TestPhone second)
    {
        server.HangUp(first, second);
        server.ExpectNothingLeft();
    }

    /// <summary>A calls B, whose phone rings.</summary>
    public static void Ring(this TestServer server, TestPhone a, TestPhone b)
    {
        a.Invite(b.AddressOfRecord);
        b.Expect("INVITE");
        b.Reply(180);
        a.Expect(100);
        a.Expect(180);
        server.Settle();
    }

    /// <summary>A request to Bob outside any dialog whose every line a test may choose.</summary>
    /// <param name="phone">Whose.</param>
    /// <param name="method">Its method.</param>
    /// <param name="maxForwards">How many hops it may go.</param>
    /// <param name="rest">More header lines and, behind an empty line, the body.</param>
    public static TestMessage SendRequest(this TestPhone phone, string method, int maxForwards = 70, string rest = "") => phone.SendRaw($$"""
        {{method}} sip:bob@{domain} SIP/2.0
        Via: SIP/2.0/UDP {host};branch={branch}
        Max-Forwards: {{maxForwards}}
        From: <sip:alice@{domain}>;tag={tag}
        To: <sip:bob@{domain}>
        Call-ID: {callid}
        CSeq: 1 {{method}}
        Contact: {contact}
        {{rest}}
        """);

    /// <summary>Acknowledges reliable news (RFC 3262 7.2).</summary>
    public static void Prack(this TestPhone phone, TestMessage news, string sdp = "") =>
        phone.Ask("PRACK", sdp, $"RAck: {news.Header("RSeq")} {news.CSeq} INVITE");
}
