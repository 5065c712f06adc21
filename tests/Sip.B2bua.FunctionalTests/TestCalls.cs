namespace Sip.B2bua.FunctionalTests;

/// <summary>The parts that most call flows begin or end with.</summary>
internal static class TestCalls
{
    public const string Bob = "sip:bob@example.org";

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

    /// <summary>Acknowledges reliable news (RFC 3262 7.2).</summary>
    public static void Prack(this TestPhone phone, TestMessage news, string sdp = "") =>
        phone.Ask("PRACK", sdp, $"RAck: {news.Header("RSeq")} {news.CSeq} INVITE");
}
