namespace Sip.B2bua.FunctionalTests;

/// <summary>Under which address a message is kept, and what may happen while the store is asked for it.</summary>
public sealed class LateMessageStoreTests : InMemoryTests
{
    private const string Device = ";+sip.instance=\"<urn:uuid:1>\"";

    protected override void Dispose(bool disposing)
    {
        TestMessageStore.FetchTime = TimeSpan.Zero;
        base.Dispose(disposing);
    }

    [Theory]
    [InlineData("sip:bob@sales.example.org", 202)]
    [InlineData("sip:nobody@sales.example.org", 404)]
    public void A_message_for_a_user_whom_only_the_parent_domain_knows_is_kept_there(string uri, int code)
    {
        Start("[module::Registrar]\nreg-domains=example.org sales.example.org\n[module::Router]\nparent-domain-fallback=true");
        TestPhone alice = Server.AddPhone("alice");
        alice.AskOutside("MESSAGE", uri, "hello");
        alice.Expect(code);
        TestPhone bob = Server.AddPhone("bob", registered: true);
        if (code == 202)
        {
            Assert.Equal("hello", bob.Expect("MESSAGE").Body);
            bob.Reply(200);
        }

        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_device_that_answers_while_the_store_is_asked_does_not_get_the_message_again()
    {
        TestPhone bob = Server.AddPhone("bob");
        bob.Register(parameters: Device);
        TestPhone alice = Server.AddPhone("alice");
        alice.AskOutside("MESSAGE", TestCalls.Bob, "hello");
        TestMessage message = bob.Expect("MESSAGE");
        Server.Advance(6);
        alice.Expect(202);
        bob.Skip();
        TestMessageStore.FetchTime = TimeSpan.FromSeconds(1);
        bob.Register(parameters: Device);
        bob.Reply(message, 200);
        Server.Advance(5);
        bob.ExpectNothing();
        Server.ExpectNothingLeft();
    }
}
