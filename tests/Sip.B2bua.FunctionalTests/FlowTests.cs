namespace Sip.B2bua.FunctionalTests;

/// <summary>
/// Call flows of the RFCs with the server where they have their proxies. Each is written once and runs on a clean network, where
/// every message must come in its order, and on networks that lose one datagram in ten, double and reorder others, where every
/// message that is repeated until it has arrived must come, and no other request or final response.
/// </summary>
public abstract class FlowTests : InMemoryTests
{
    private const string Passwords = "[module::Authentication]\nenabled=true\n";

    private readonly List<TestPhone> phones = [];
    private bool isClean;

    /// <summary>0 is a network on which nothing goes wrong, every other number the seed of one that loses, doubles and reorders.</summary>
    public static TheoryData<int> Networks => [0, .. Enumerable.Range(1, 8)];

    private protected TestPhone Alice => phones[0];

    private protected TestPhone Bob => phones[1];

    private protected TestPhone Carol => phones[2];

    /// <summary>Starts the server and registers phones of Alice, Bob and Carol.</summary>
    private protected void Begin(int network, string configuration = "", bool passwords = false, params Type[] modules)
    {
        Start(Math.Max(network, 1), (passwords ? Passwords : "") + configuration, modules);
        isClean = network == 0;
        foreach (string user in new[] { "alice", "bob", "carol" })
        {
            Join(Server.AddPhone(user, registered: true));
        }

        BreakNetwork();
    }

    /// <summary>Has the network do to datagrams what it does in this run.</summary>
    private protected void BreakNetwork() => Server.Network.Conditions = isClean ? new NetworkConditions() : TestCalls.BadNetwork;

    /// <summary>Registers another phone.</summary>
    private protected TestPhone Another(string user, string parameters = "")
    {
        Server.Network.Conditions = new NetworkConditions();
        TestPhone phone = Server.AddPhone(user);
        phone.Register(parameters: parameters);
        BreakNetwork();
        return Join(phone);
    }

    /// <summary>Adds somebody of biloxi.example.com, who is not one of our users.</summary>
    private protected TestPhone Foreign(string user)
    {
        Server.Network.Dns.Add("A biloxi.example.com 192.0.2.77");
        return Join(Server.AddPhoneAt("192.0.2.77:5060", user));
    }

    /// <summary>The session that a phone offers and answers.</summary>
    private protected string Sdp(TestPhone phone, string direction = "sendrecv", int version = 1) =>
        TestSdp.Audio(4000 + (100 * phones.IndexOf(phone)), direction, version);

    /// <summary>Time passes in which the parties talk and what is under way arrives.</summary>
    private protected void Talk()
    {
        if (isClean)
        {
            Server.Settle();
        }
        else
        {
            Server.Advance(5);
        }
    }

    /// <summary>A calls B, whose phone rings.</summary>
    private protected TestMessage Ring(TestPhone a, TestPhone b, string? uri = null)
    {
        a.Invite(uri ?? b.AddressOfRecord, Sdp(a));
        TestMessage invite = GetsCall(a, b);
        a.Hears(100, 180);
        return invite;
    }

    /// <summary>B gets the call that A has made, and rings.</summary>
    private protected TestMessage GetsCall(TestPhone a, TestPhone b)
    {
        TestMessage invite = b.Gets("INVITE");
        Assert.Equal(a.Dialog.SentInvite!.Body, invite.Body);
        b.Reply(180);
        return invite;
    }

    /// <summary>B, whose phone rings, takes A's call.</summary>
    private protected void Answer(TestPhone a, TestPhone b)
    {
        b.Reply(b.Dialog.ReceivedInvite!, 200, Sdp(b));
        Assert.Equal(Sdp(b), a.Gets(200, "INVITE").Body);
        a.Ack();
        b.Gets("ACK");
        Talk();
    }

    /// <summary>A calls B, and B takes the call.</summary>
    private protected TestDialog Call(TestPhone a, TestPhone b)
    {
        Ring(a, b);
        Answer(a, b);
        return a.Dialog;
    }

    /// <summary>A party changes the session by a re-INVITE.</summary>
    private protected void Change(TestPhone from, TestPhone to, string offer, string answer)
    {
        from.Reinvite(offer);
        Assert.Equal(offer, to.Gets("INVITE").Body);
        to.Reply(200, answer);
        from.Hears(100);
        Assert.Equal(answer, from.Gets(200, "INVITE").Body);
        from.Ack();
        to.Gets("ACK");
        Talk();
    }

    /// <summary>A party puts the other on hold.</summary>
    private protected void Hold(TestPhone from, TestPhone to) => Change(from, to, Sdp(from, "sendonly", 2), Sdp(to, "recvonly", 2));

    /// <summary>A party takes the other back.</summary>
    private protected void Resume(TestPhone from, TestPhone to) => Change(from, to, Sdp(from, version: 3), Sdp(to, version: 3));

    /// <summary>A party hangs up.</summary>
    private protected void HangUp(TestPhone first, TestPhone second)
    {
        first.Bye();
        second.Gets("BYE");
        second.Reply(200);
        first.Gets(200, "BYE");
        Talk();
    }

    /// <summary>A phone does not take the call that came last.</summary>
    private protected static void Refuse(TestPhone phone, int code, string headers = "", string reason = "Because")
    {
        phone.Reply(phone.Dialog.ReceivedInvite!, code, headers: headers, reason: reason);
        phone.Gets("ACK");
    }

    /// <summary>A calls B, who is busy.</summary>
    private protected void FindsBusy(TestPhone a, TestPhone b)
    {
        a.Invite(b.AddressOfRecord, Sdp(a));
        b.Gets("INVITE");
        Refuse(b, 486);
        a.Hears(100);
        a.Gets(486);
    }

    /// <summary>The call at a phone is taken back.</summary>
    private protected static void IsCancelled(TestPhone phone)
    {
        TestMessage invite = phone.Dialog.ReceivedInvite!;
        phone.Gets("CANCEL");
        phone.Reply(200);
        phone.Reply(invite, 487);
        phone.Gets("ACK");
    }

    /// <summary>Calls somebody, giving the password when the server asks for it.</summary>
    private protected static TestMessage CallWithPassword(TestPhone phone, string uri, string sdp)
    {
        phone.Invite(uri, sdp);
        TestMessage challenge = phone.Gets(407);
        phone.Reinvite(sdp, Password(phone, challenge, uri));
        return challenge;
    }

    /// <summary>The header line by which a phone answers a challenge to its INVITE.</summary>
    private protected static string Password(TestPhone phone, TestMessage challenge, string uri, int count = 1) =>
        TestDigest.Authorization(challenge, "INVITE", uri, phone.User, $"{phone.User}-secret", count);

    /// <summary>
    /// All has been said: nothing came that the flow does not have, nothing of any call is left on the server, and nobody has seen
    /// an address or an id of anybody else.
    /// </summary>
    private protected void End()
    {
        Server.Network.Conditions = new NetworkConditions();
        if (isClean)
        {
            Server.ExpectNothingLeft();
        }
        else
        {
            Server.Advance(300);
            Server.ExpectNoState();
            Assert.DoesNotContain(Server.Log, line => line.StartsWith("Error", StringComparison.Ordinal));
            Assert.DoesNotContain(phones.SelectMany(phone => phone.Waiting), message => message.IsRequest || message.Code >= 200);
        }

        foreach (TestPhone phone in phones)
        {
            Assert.DoesNotContain(phone.Received, message => message.Method != "REGISTER" && phones.Any(other => other != phone && Shows(message, other)));
        }
    }

    // All tags, branches and Call-IDs of a phone have its user and the digits of its address in them. What a phone writes into a MESSAGE or
    // NOTIFY, or has a phone replace, is its own affair.
    private static bool Shows(TestMessage message, TestPhone other) =>
        Written(message).Contains(other.Host.Split(':')[0], StringComparison.Ordinal)
        || Written(message).Contains(other.User + string.Concat(other.Host.Where(char.IsAsciiDigit)) + "n", StringComparison.Ordinal);

    private static string Written(TestMessage message) =>
        !message.IsRequest ? message.Text
        : message.Method is "MESSAGE" or "NOTIFY" ? message.Text[..^message.Body.Length]
        : message.Method == "REFER" ? message.Text.Replace(message.Header("Refer-To"), "", StringComparison.Ordinal)
        : message.Text;

    private TestPhone Join(TestPhone phone)
    {
        phone.Repeats = !isClean;
        phones.Add(phone);
        return phone;
    }
}
