using System.Text;
using Sip.Messages;

namespace Sip.Benchmarks;

/// <summary>The messages that benchmarks work on, as a phone sends them.</summary>
public static class Samples
{
    private const string Offer =
        "v=0\r\no=alice 2890844526 2890844526 IN IP4 192.0.2.101\r\ns=-\r\nc=IN IP4 192.0.2.101\r\nt=0 0\r\nm=audio 49172 RTP/AVP 0 8\r\n";

    /// <summary>An INVITE of about 0.9 KB with digest credentials and an offer.</summary>
    public static readonly byte[] Invite = Encoding.ASCII.GetBytes(
        "INVITE sip:bob@sip.example.com SIP/2.0\r\n"
        + "Via: SIP/2.0/UDP 192.0.2.101:5060;branch=z9hG4bK74bf9a1c2;rport\r\n"
        + "Max-Forwards: 70\r\n"
        + "Route: <sip:sip.example.com;lr>\r\n"
        + "From: \"Alice\" <sip:alice@sip.example.com>;tag=9fxced76sl\r\n"
        + "To: <sip:bob@sip.example.com>\r\n"
        + "Call-ID: 3848276298220188511@192.0.2.101\r\n"
        + "CSeq: 2 INVITE\r\n"
        + "Contact: <sip:alice@192.0.2.101:5060;transport=udp>\r\n"
        + "Allow: INVITE, ACK, CANCEL, BYE, UPDATE, PRACK, INFO\r\n"
        + "Supported: replaces, 100rel, timer\r\n"
        + "User-Agent: Phone/5.2.0\r\n"
        + "Proxy-Authorization: Digest username=\"alice\", realm=\"sip.example.com\", nonce=\"f84f1cec41e6cbe5aea9c8e88d359\", "
        + "uri=\"sip:bob@sip.example.com\", response=\"42ce3cef44b22f50c6a6071bc8d1e2f4\", qop=auth, nc=00000001, cnonce=\"0a4f113b\"\r\n"
        + "Content-Type: application/sdp\r\n"
        + "Content-Length: " + Offer.Length + "\r\n\r\n" + Offer);

    /// <summary>The same INVITE with an error that is found last.</summary>
    public static readonly byte[] Refused = Encoding.ASCII.GetBytes(
        Encoding.ASCII.GetString(Invite).Replace("Content-Length: ", "Content-Length: 9", StringComparison.Ordinal));

    /// <summary>A final response.</summary>
    public static readonly byte[] Ok = Encoding.ASCII.GetBytes(
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.101:5060;branch=z9hG4bK74bf9a1c2;rport=5060;received=203.0.113.9\r\n"
        + "From: \"Alice\" <sip:alice@sip.example.com>;tag=9fxced76sl\r\nTo: <sip:bob@sip.example.com>;tag=314159\r\n"
        + "Call-ID: 3848276298220188511@192.0.2.101\r\nCSeq: 2 INVITE\r\nContact: <sip:bob@192.0.2.201>\r\nContent-Length: 0\r\n\r\n");

    /// <summary>An OPTIONS that differs from all others in its identifiers.</summary>
    /// <param name="pool">Where its buffer comes from.</param>
    /// <param name="number">Its number.</param>
    internal static SipBuffer RentOptions(SipBufferPool pool, int number)
    {
        SipBuffer buffer = pool.Rent(512);
        Span<byte> octets = buffer.Array;
        int length = 0;
        length += Write(octets[length..], "OPTIONS sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP 203.0.113.9:5060;branch=z9hG4bK"u8);
        number.TryFormat(octets[length..], out int digits);
        length += digits;
        length += Write(octets[length..], "\r\nMax-Forwards: 70\r\nFrom: <sip:a@example.com>;tag=a"u8);
        number.TryFormat(octets[length..], out digits);
        length += digits;
        length += Write(octets[length..], "\r\nTo: <sip:example.com>\r\nCall-ID: c"u8);
        number.TryFormat(octets[length..], out digits);
        length += digits;
        length += Write(octets[length..], "@203.0.113.9\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"u8);
        buffer.Length = length;
        return buffer;

        static int Write(Span<byte> to, ReadOnlySpan<byte> text)
        {
            text.CopyTo(to);
            return text.Length;
        }
    }
}
