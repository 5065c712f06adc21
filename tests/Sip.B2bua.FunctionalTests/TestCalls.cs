namespace Sip.B2bua.FunctionalTests;

/// <summary>The parts that most call flows begin or end with.</summary>
internal static class TestCalls
{
    public const string Bob = "sip:bob@example.org";

    /// <summary>A calls B, B answers, A acknowledges.</summary>
    public static void Call(this TestServer server, TestPhone a, TestPhone b)
    {
        a.Invite(b.AddressOfRecord);
        b.Expect("INVITE");
        b.Reply(200, TestSdp.Audio(5000));
        b.Expect("ACK");
        a.Expect(100);
        a.Expect(200);
        a.Ack();
        server.Settle();
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
}
