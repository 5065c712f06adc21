namespace Sip.B2bua.FunctionalTests;

public sealed class CallTests : IDisposable
{
    private readonly TestServer server = TestServer.Start();

    public void Dispose() => server.Dispose();

    [Fact]
    public void A_call_is_set_up_and_the_caller_hangs_up()
    {
        (TestPhone alice, TestPhone bob) = server.AddPair();
        alice.Invite(TestCalls.Bob);
        TestMessage invite = bob.Expect("INVITE");
        Assert.Equal(bob.ContactUri, invite.RequestUri);
        bob.Reply(180);
        alice.Expect(100);
        alice.Expect(180);
        bob.Reply(200, TestSdp.Audio(5000));
        bob.Expect("ACK");
        TestMessage answer = alice.Expect(200);
        Assert.Equal(TestSdp.Audio(5000), answer.Body);
        alice.Ack();
        alice.Bye();
        bob.Expect("BYE");
        bob.Reply(200);
        alice.Expect(200, "BYE");
        server.ExpectNothingLeft();
    }
}
