namespace Sip.B2bua.FunctionalTests;

/// <summary>One datagram in ten is lost, others come late, twice or in another order: every call ends as it should.</summary>
public sealed class LossTests : InMemoryTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 50)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_call_is_set_up_and_ended(int seed)
    {
        (TestPhone alice, TestPhone bob) = Pair(seed);
        SetUp(alice, bob);
        End(alice, bob);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_call_is_cancelled(int seed)
    {
        (TestPhone alice, TestPhone bob) = Pair(seed);
        alice.Invite(TestCalls.Bob);
        TestMessage invite = bob.Await("INVITE");
        bob.Reply(180);
        Server.Advance(1);
        alice.Cancel();
        IsCancelled(bob, invite);
        alice.Await(487, "INVITE");
        ExpectNothingLeft();
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_call_is_refused(int seed)
    {
        (TestPhone alice, TestPhone bob) = Pair(seed);
        alice.Invite(TestCalls.Bob);
        bob.Await("INVITE");
        bob.Reply(486);
        alice.Await(486);
        ExpectNothingLeft();
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_call_is_held_and_resumed(int seed)
    {
        (TestPhone alice, TestPhone bob) = Pair(seed);
        SetUp(alice, bob);
        for (int version = 2; version < 6; version++)
        {
            (TestPhone from, TestPhone to) = version % 2 == 0 ? (alice, bob) : (bob, alice);
            from.Reinvite(TestSdp.Audio(version: version));
            to.Await("INVITE");
            to.Reply(200, TestSdp.Audio(version: version));
            Assert.Equal(TestSdp.Audio(version: version), from.Await(200, "INVITE").Body);
            from.Ack();
            to.Await("ACK");
            Server.Advance(5);
        }

        End(bob, alice);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_phone_that_registers_late_takes_the_call(int seed)
    {
        (TestPhone alice, TestPhone bob) = Pair(seed, "[module::Router]\nfork-late=true");
        alice.Invite(TestCalls.Bob);
        TestMessage invite = bob.Await("INVITE");
        bob.Reply(180);
        TestPhone late = Server.AddPhone("bob");
        late.Repeats = true;
        late.SendRegister();
        late.Await("INVITE");
        late.Reply(200, TestSdp.Audio(5000));
        alice.Await(200, "INVITE");
        alice.Ack();
        IsCancelled(bob, invite);
        Server.Advance(5);
        End(alice, late);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_call_that_is_redirected_and_refused_ends_in_voicemail(int seed)
    {
        (TestPhone alice, TestPhone bob) = Pair(seed, "[module::Router]\nvoicemail-server=sip:vm@192.0.2.50:5060");
        TestPhone voicemail = Server.AddPhoneAt("192.0.2.50:5060", "vm");
        TestPhone carol = Server.AddPhone("carol");
        voicemail.Repeats = carol.Repeats = true;
        carol.SendRegister();
        carol.Await(200, "REGISTER");
        alice.Invite(TestCalls.Bob);
        bob.Await("INVITE");
        bob.Reply(302, headers: "Contact: <sip:carol@example.org>");
        carol.Await("INVITE");
        carol.Reply(486);
        voicemail.Await("INVITE");
        voicemail.Reply(200, TestSdp.Audio(5000));
        alice.Await(200, "INVITE");
        alice.Ack();
        Server.Advance(5);
        End(voicemail, alice);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_session_is_changed_by_PRACK_and_UPDATE_before_the_answer(int seed)
    {
        (TestPhone alice, TestPhone bob) = Pair(seed);
        alice.Invite(TestCalls.Bob, headers: "Supported: 100rel\nAllow: INVITE, PRACK, UPDATE");
        TestMessage invite = bob.Await("INVITE");
        TestMessage progress = bob.Reply(183, TestSdp.Audio(5000), "Require: 100rel\nRSeq: 7\nAllow: INVITE, PRACK, UPDATE");
        for (int i = 0; i < 6 && !alice.Received.Any(message => message.Code == 183); i++)
        {
            Server.Advance(0.5);
            bob.Repeat(progress); // the phone's own work (RFC 3262 3)
        }

        alice.Prack(alice.Await(183), TestSdp.Audio(version: 2));
        Assert.Equal(TestSdp.Audio(version: 2), bob.Await("PRACK").Body);
        bob.Reply(200, TestSdp.Audio(5000, version: 2));
        Assert.Equal(TestSdp.Audio(5000, version: 2), alice.Await(200, "PRACK").Body);
        for (int version = 3; version < 5; version++)
        {
            (TestPhone from, TestPhone to) = version % 2 == 0 ? (alice, bob) : (bob, alice);
            from.Ask("UPDATE", TestSdp.Audio(version: version));
            to.Await("UPDATE");
            to.Reply(200, TestSdp.Audio(version: version));
            Assert.Equal(TestSdp.Audio(version: version), from.Await(200, "UPDATE").Body);
            Server.Advance(5);
        }

        bob.Reply(invite, 200);
        alice.Await(200, "INVITE");
        alice.Ack();
        bob.Await("ACK");
        Server.Advance(5);
        End(alice, bob);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_phone_that_takes_no_INVITE_without_an_offer_gets_one_of_ours(int seed)
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, "[old]\nuser-agent=OldPhone\nlate-offer=false");
        (TestPhone alice, TestPhone bob) = Pair(seed, $"[b2bua]\npeer-profiles={file}");
        File.Delete(file);
        bob.SendRegister(headers: "User-Agent: OldPhone/1");
        bob.Await(200, "REGISTER");
        alice.Invite(TestCalls.Bob, sdp: "");
        bob.Await("INVITE");
        bob.Reply(200, TestSdp.Audio(5000, "inactive"));
        Assert.Contains("m=audio 5000", alice.Await(200, "INVITE").Body, StringComparison.Ordinal);
        alice.Ack(TestSdp.Audio());
        TestMessage told = bob.Await("INVITE"); // not before the ACK came
        Assert.Contains("m=audio 4000", told.Body, StringComparison.Ordinal);
        bob.Reply(200, TestSdp.Audio(5000, version: 2));
        bob.Await("ACK");
        Server.Advance(5);
        alice.Reinvite("");
        bob.Await("INVITE");
        bob.Reply(200, TestSdp.Audio(5000, version: 2));
        alice.Await(200, "INVITE");
        alice.Ack(TestSdp.Audio());
        bob.Await("ACK");
        Server.Advance(40);
        End(alice, bob);
    }

    private void SetUp(TestPhone alice, TestPhone bob)
    {
        alice.Invite(TestCalls.Bob);
        bob.Await("INVITE");
        bob.Reply(180);
        Server.Advance(1);
        bob.Reply(200, TestSdp.Audio(5000));
        alice.Await(200, "INVITE");
        alice.Ack();
        bob.Await("ACK");
        Server.Advance(5);
    }

    private (TestPhone Alice, TestPhone Bob) Pair(int seed, string configuration = "")
    {
        Start(seed, configuration);
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Repeats = true;
        bob.Repeats = true;
        Server.Network.Conditions = TestCalls.BadNetwork;
        return (alice, bob);
    }

    private static void IsCancelled(TestPhone phone, TestMessage invite)
    {
        phone.Await("CANCEL");
        phone.Reply(200);
        phone.Reply(invite, 487);
    }

    private void End(TestPhone first, TestPhone second)
    {
        first.Bye();
        second.Await("BYE");
        second.Reply(200);
        first.Await(200, "BYE");
        ExpectNothingLeft();
    }

    private void ExpectNothingLeft()
    {
        Server.Advance(300);
        Server.ExpectNoState();
        Assert.DoesNotContain(Server.Log, line => line.StartsWith("Error", StringComparison.Ordinal));
    }
}
