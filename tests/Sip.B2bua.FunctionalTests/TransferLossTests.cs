namespace Sip.B2bua.FunctionalTests;

/// <summary>Transfers while one datagram in ten is lost, on two loops.</summary>
public sealed class TransferLossTests : InMemoryTests
{
    private readonly List<string> told = [];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 25)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_blind_transfer_succeeds(int seed)
    {
        (TestPhone transferor, TestPhone staying, TestPhone carol) = ReferredToCarol(seed);
        carol.Reply(180);
        Server.Advance(2);
        Join(carol, staying, transferor);
        End(staying, carol);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_blind_transfer_fails_and_the_call_goes_on(int seed)
    {
        (TestPhone transferor, TestPhone staying, TestPhone carol) = ReferredToCarol(seed);
        carol.Reply(486);
        Server.Advance(40);
        Assert.Equal("SIP/2.0 486 Busy Here", told[^1]);
        Assert.DoesNotContain(staying.Received, message => message.Method == "BYE");
        End(staying, transferor);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_transfer_with_consultation_succeeds(int seed)
    {
        (TestPhone alice, TestPhone bob, TestPhone carol) = Phones(seed);
        SetUp(alice, bob);
        TestDialog first = alice.Dialog;
        (TestPhone from, TestPhone to) = seed % 2 == 0 ? (alice, carol) : (carol, alice);
        SetUp(from, to);
        TestDialog second = alice.Dialog;
        alice.Dialog = first;
        string replaces = Uri.EscapeDataString(second.Replaces());
        alice.Ask("REFER", headers: $"Refer-To: <{carol.AddressOfRecord}?Replaces={replaces}>");
        carol.Await("INVITE");
        Join(carol, bob, alice);
        End(bob, carol);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_transfer_to_a_call_that_rings_succeeds(int seed)
    {
        (TestPhone alice, TestPhone bob, TestPhone carol) = Phones(seed);
        SetUp(alice, bob);
        TestDialog first = bob.Dialog;
        carol.Invite(bob.AddressOfRecord, TestSdp.Audio(6000));
        TestMessage ringing = bob.Await("INVITE");
        bob.Reply(180);
        Server.Advance(3);
        bob.Reply(ringing, 180);
        Server.Advance(3);
        TestDialog second = bob.Dialog;
        bob.Dialog = first;
        bob.Ask("REFER", headers: $"Refer-To: <{carol.AddressOfRecord}?Replaces={Uri.EscapeDataString(second.Replaces())}>");
        carol.Await(200, "INVITE");
        carol.Ack();
        bob.Await("CANCEL");
        bob.Reply(200);
        bob.Reply(ringing, 487);
        carol.Await("INVITE");
        Join(carol, alice, bob);
        End(alice, carol);
    }

    // One of two who talk, the caller or the called, has the other sent to Carol, whose phone has just got the INVITE.
    private (TestPhone Transferor, TestPhone Staying, TestPhone Carol) ReferredToCarol(int seed)
    {
        (TestPhone alice, TestPhone bob, TestPhone carol) = Phones(seed);
        (TestPhone transferor, TestPhone staying) = seed % 2 == 0 ? (alice, bob) : (bob, alice);
        SetUp(alice, bob);
        transferor.Ask("REFER", headers: $"Refer-To: <{carol.AddressOfRecord}>");
        carol.Await("INVITE");
        return (transferor, staying, carol);
    }

    private void Join(TestPhone joined, TestPhone staying, TestPhone transferor)
    {
        joined.Reply(200, TestSdp.Audio(6000, version: 9));
        Assert.Contains("m=audio 6000 ", staying.Await("INVITE").Body, StringComparison.Ordinal);
        staying.Reply(200, TestSdp.Audio(staying.User == "alice" ? 4000 : 5000, version: 9));
        Server.Advance(40);
        Assert.Equal("SIP/2.0 200 OK", told[^1]);
        Assert.Contains(transferor.Received, message => message is { IsRequest: true, Method: "BYE" });
    }

    private void End(TestPhone first, TestPhone second)
    {
        first.Bye();
        second.Await("BYE");
        second.Reply(200);
        first.Await(200, "BYE");
        Server.Advance(300);
        Server.ExpectNoState();
        Assert.DoesNotContain(Server.Log, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    private void SetUp(TestPhone from, TestPhone to)
    {
        from.Invite(to.AddressOfRecord);
        to.Await("INVITE");
        to.Reply(200, TestSdp.Audio(5000));
        from.Await(200, "INVITE");
        from.Ack();
        to.Await("ACK");
        Server.Advance(5);
    }

    private (TestPhone Alice, TestPhone Bob, TestPhone Carol) Phones(int seed)
    {
        Start(seed, "[global]\nevent-loops=2");
        TestPhone[] phones = [.. new[] { "alice", "bob", "carol" }.Select(user => Server.AddPhone(user, registered: true))];
        foreach (TestPhone phone in phones)
        {
            phone.Repeats = true;
            phone.OnMessage = message => Listen(phone, message);
        }

        Server.Network.Conditions = TestCalls.BadNetwork;
        return (phones[0], phones[1], phones[2]);
    }

    // The transferor hears how it goes, and leaves hanging up to the server.
    private bool Listen(TestPhone phone, TestMessage message)
    {
        if (message is { IsRequest: true, Method: "NOTIFY" })
        {
            told.Add(message.Body.TrimEnd());
        }
        else if (message is not { IsRequest: true, Method: "BYE" } || told.Count == 0 || told[^1] != "SIP/2.0 200 OK" || phone.Received.All(m => m.Method != "NOTIFY"))
        {
            return false;
        }

        phone.Reply(message, 200);
        return true;
    }
}
