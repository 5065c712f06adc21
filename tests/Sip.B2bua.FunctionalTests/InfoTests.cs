using System.Composition;
using Sip.Messages;

namespace Sip.B2bua.FunctionalTests;

/// <summary>INFO within a call, and what a module may do with it.</summary>
public sealed class InfoTests : InMemoryTests
{
    private const string Key = "Signal=5\r\nDuration=160\r\n";
    private const string Type = "application/dtmf-relay";

    [Fact]
    public void A_key_in_INFO_crosses_as_it_is()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Call(alice, bob);
        foreach ((TestPhone from, TestPhone to) in new[] { (alice, bob), (bob, alice) })
        {
            from.Ask("INFO", Key, type: Type);
            TestMessage info = to.Expect("INFO");
            Assert.Equal((Type, Key), (info.Header("Content-Type"), info.Body));
            to.Reply(200);
            from.Expect(200, "INFO");
        }

        Server.End(alice, bob);
    }

    [Fact]
    public void A_module_answers_INFO_in_the_place_of_the_other_phone_and_sends_INFO_of_its_own()
    {
        Start("", typeof(KeyModule));
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Call(alice, bob);
        alice.Ask("INFO", Key, type: Type);
        alice.Expect(200, "INFO");
        TestMessage own = bob.Expect("INFO");
        Assert.Equal(("text/plain", "told"), (own.Header("Content-Type"), own.Body));
        bob.Reply(200);
        alice.Ask("INFO", "other", type: "text/plain");
        Assert.Equal("other", bob.Expect("INFO").Body);
        bob.Reply(415);
        alice.Expect(415, "INFO");
        alice.ExpectNothing();
        Server.End(alice, bob);
    }

    /// <summary>Takes keys and tells the other party in its own words.</summary>
    [SipModule("Key", Stage.Media, 90)]
    [Shared]
    internal sealed class KeyModule : SipModule
    {
        public override void OnMessage(MessageContext context)
        {
            if (context.Request.Method == SipMethod.Info && context.Request.ContentType.SequenceEqual("application/dtmf-relay"u8))
            {
                Assert.True(context.To.TryAsk("INFO", "text/plain"u8, "told"u8));
                Assert.False(context.To.TryAsk("BYE", default, default));
                context.Answer(200);
                Assert.True(context.IsAnswered);
            }
        }
    }
}
