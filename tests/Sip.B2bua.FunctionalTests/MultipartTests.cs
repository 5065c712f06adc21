using System.Composition;
using System.Text;

namespace Sip.B2bua.FunctionalTests;

/// <summary>Bodies of several parts (RFC 5621): the session in them is an offer or answer like any other, the rest is the users' own.</summary>
public sealed class MultipartTests : InMemoryTests
{
    private const string Type = "Content-Type: multipart/mixed;boundary=b1";

    [Fact]
    public void RFC_5621_3_only_the_session_part_is_rewritten_and_the_others_cross_as_they_are()
    {
        Start("", typeof(StampModule));
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Send(alice, Type, Multipart("v=0\r\ns=alice\r\n"));
        Assert.Equal(Multipart("v=0\r\ns=alice\r\na=stamp\r\n"), bob.Expect("INVITE").Body);
        Assert.Equal("multipart/mixed;boundary=b1", bob.Request.Header("Content-Type"));
        bob.Accepts(TestSdp.Audio(5000));
        alice.Expect(100);
        Assert.EndsWith("a=stamp\r\n", alice.Expect(200).Body, StringComparison.Ordinal);
    }

    [Fact]
    public void A_multipart_body_without_a_session_crosses_and_the_offer_comes_late()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        string body = "--b1\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b1--\r\n";
        Send(alice, Type, body);
        Assert.Equal(body, bob.Expect("INVITE").Body);
        bob.Reply(200, TestSdp.Audio(5000));
        alice.Expect(100);
        alice.Expect(200);
        alice.Ack(TestSdp.Audio(4000));
        Assert.NotEmpty(bob.Expect("ACK").Body);
    }

    [Theory]
    [InlineData("Content-Type: application/sdp\r\nContent-Encoding: gzip", "v=0\r\n", 415)]
    [InlineData("Content-Type: multipart/mixed", "--b1\r\n\r\n\r\n--b1--\r\n", 415)]
    [InlineData("Content-Type: multipart/mixed\r\nContent-Disposition: session;handling=required", "--b1--\r\n", 415)]
    [InlineData("Content-Type: multipart/mixed\r\nContent-Disposition: render;handling=optional", "--b1--\r\n", 100)]
    [InlineData("Content-Type: text/unknown", "whatever", 100)]
    public void RFC_3261_8_2_3_a_session_that_cannot_be_read_and_is_not_optional_gets_415(string type, string body, int code)
    {
        (TestPhone alice, _) = Server.AddPair();
        Send(alice, type, body);
        TestMessage answer = alice.Expect(code);
        Assert.Equal(code == 415, answer.Header("Accept").Contains("application/sdp", StringComparison.Ordinal));
    }

    [Fact]
    public void RFC_3261_8_2_3_a_later_offer_that_cannot_be_read_gets_415_and_the_call_goes_on()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Call(alice, bob);
        alice.Ask("UPDATE", "v=0\r\n", "Content-Encoding: gzip");
        alice.Expect(415);
        Server.End(alice, bob);
    }

    private static string Multipart(string sdp) =>
        $"--b1\r\nContent-Type: application/sdp\r\n\r\n{sdp}\r\n--b1\r\nContent-Type: application/isup;version=itu-t92+\r\n"
        + "Content-Disposition: signal;handling=optional\r\n\r\n01 02\r\n--b1--\r\n";

    private static void Send(TestPhone alice, string type, string body) =>
        alice.SendRequest("INVITE", rest: $"MIME-Version: 1.0\n{type}\n\n{body}");

    /// <summary>Adds a line to every session that crosses.</summary>
    [SipModule("Stamp", Stage.Media, 90)]
    [Shared]
    internal sealed class StampModule : SipModule
    {
        public override void OnSession(SessionContext context)
        {
            byte[] stamped = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(context.Sdp) + "a=stamp\r\n");
            var buffer = context.Rent(stamped.Length);
            stamped.CopyTo(buffer.Array, 0);
            buffer.Length = stamped.Length;
            context.Replace(buffer);
        }
    }
}
