using System.Runtime.CompilerServices;
using Sip.Headers;
using Sip.Messages;
using Sip.Uris;
using static Sip.Tests.Messages.TestMessages;

namespace Sip.Tests.Messages;

/// <summary>The budget of the hot paths: 0 octets.</summary>
public sealed class AllocationTests
{
    private readonly SipBufferPool buffers = new();
    private readonly SipMessagePool messages = new();
    private int sum;

    private static byte[] Call => Bytes(Invite(
        "Max-Forwards: 70\r\nRoute: <sip:p1.example.com;lr>, <sip:p2.example.com;lr>\r\nContact: <sip:alice@192.0.2.1:5060;transport=udp>;expires=60\r\n"
        + "Authorization: Digest username=\"alice\", realm=\"example.com\", nonce=\"n\", uri=\"sip:bob@example.com\", "
        + "response=\"0123456789abcdef0123456789abcdef\", qop=auth, nc=00000001, cnonce=\"c\"\r\nContent-Type: application/sdp\r\n",
        Offer));

    [Fact]
    public void Parsing_an_INVITE_and_reading_its_headers_allocates_nothing()
    {
        byte[] call = Call;
        Assert.Equal(0, Measure(() => ReadCall(call)));
        Assert.NotEqual(0, sum);
    }

    [Fact]
    public void Writing_a_response_and_a_request_allocates_nothing()
    {
        byte[] call = Call;
        Assert.Equal(0, Measure(() => WriteBoth(call)));
    }

    [Theory]
    [InlineData("rfc4475/badinv01.dat")]
    [InlineData("rfc4475/clerr.dat")]
    [InlineData("rfc4475/scalar02.dat")]
    [InlineData("rfc4475/quotbal.dat")]
    [InlineData("rfc4475/ltgtruri.dat")]
    [InlineData("rfc4475/multi01.dat")]
    [InlineData("rfc4475/insuf.dat")]
    [InlineData("rfc4475/test.dat")]
    [InlineData("rfc5118/ipv6-bad.dat")]
    [InlineData("rfc5118/archive-lf/ipv6-good")]
    public void Refusing_a_message_allocates_nothing(string file)
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(DataFolder, "torture", file));
        Assert.Equal(0, Measure(() => Refuse(bytes)));
    }

    [Fact]
    public void Framing_a_stream_allocates_nothing()
    {
        byte[] call = Call;
        Assert.Equal(0, Measure(() =>
        {
            SipFramer framer = default;
            framer.Next(call.AsSpan(0, 100), SipLimits.Default);
            sum += framer.Next(call, SipLimits.Default).Length;
        }));
    }

    [Fact]
    public void Verifying_a_digest_allocates_nothing() => Assert.Equal(0, Measure(() =>
    {
        Span<byte> hex = stackalloc byte[DigestHash.MaxHexLength];
        foreach (DigestAlgorithm algorithm in (ReadOnlySpan<DigestAlgorithm>)[DigestAlgorithm.Md5, DigestAlgorithm.Sha256])
        {
            int length = DigestHash.Ha1(algorithm, "alice"u8, "example.com"u8, "secret"u8, hex);
            sum += DigestHash.Response(algorithm, hex[..length], "INVITE"u8, "sip:a@b"u8, "n"u8, "1"u8, "c"u8, "auth"u8, default, hex);
        }
    }));

    private static long Measure(Action work) => Allocation.Least(() =>
    {
        for (int i = 0; i < 100; i++)
        {
            work();
        }
    });

    private SipMessage Accept(byte[] bytes)
    {
        SipBuffer buffer = buffers.Rent(bytes.Length);
        bytes.CopyTo(buffer.Array, 0);
        buffer.Length = bytes.Length;
        SipMessage message = messages.Rent();
        return SipParser.Parse(buffer, false, message, SipLimits.Default) == SipParseError.None ? message : throw new InvalidOperationException();
    }

    private void ReadCall(byte[] bytes)
    {
        SipMessage message = Accept(bytes);
        sum += Via.TryParse(message.TopVia, out Via via) ? via.Branch.Length : 0;
        sum += NameAddr.TryParse(message.From, out NameAddr from) ? from.Uri.Length : 0;
        sum += NameAddr.TryParse(message.To, out NameAddr to) ? to.Uri.Length : 0;
        foreach (HeaderId id in (ReadOnlySpan<HeaderId>)[HeaderId.Contact, HeaderId.Route])
        {
            foreach (ReadOnlySpan<byte> value in message.Values(id))
            {
                sum += NameAddr.TryParse(value, out NameAddr address) && SipUri.TryParse(address.Uri, out SipUri uri) ? uri.Host.Length : 0;
            }
        }

        sum += DigestCredentials.TryParse(message.First(HeaderId.Authorization), out DigestCredentials credentials) ? credentials.Nc.Length : 0;
        sum += SipUriComparer.Equal(message.RequestUri, credentials.Uri) ? 1 : 0;
        sum += message.CallId.Length + (int)message.CSeqNumber + message.Body.Length;
        message.Release();
    }

    private void WriteBoth(byte[] bytes)
    {
        SipMessage message = Accept(bytes);
        SipWriter response = new(buffers);
        response.StatusLine(180, default);
        response.CopyAll(message, HeaderId.Via);
        response.CopyAll(message, HeaderId.From);
        response.Header(HeaderId.To, message.To);
        response.CopyAll(message, HeaderId.CallId);
        response.CopyAll(message, HeaderId.CSeq);
        response.NoBody();
        response.Finish().Release();

        SipWriter request = new(buffers);
        request.RequestLine(message.MethodName, message.RequestUri);
        request.BeginHeader(HeaderId.Via);
        request.Append("SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK"u8);
        request.AppendHex(42);
        request.EndHeader();
        request.Header(HeaderId.MaxForwards, 69);
        request.Body(message.ContentType, message.Body);
        request.Finish().Release();
        message.Release();
    }

    private void Refuse(byte[] bytes)
    {
        SipBuffer buffer = buffers.Rent(bytes.Length);
        bytes.CopyTo(buffer.Array, 0);
        buffer.Length = bytes.Length;
        SipMessage message = messages.Rent();
        SipParseError error = SipParser.Parse(buffer, false, message, SipLimits.Default);
        sum += error.Phrase().Length;
        message.Release();
        buffer.Release();
        if (error == SipParseError.None)
        {
            throw new InvalidOperationException();
        }
    }

    [Fact]
    public void A_pool_that_was_cleared_keeps_nothing_alive_and_lends_again()
    {
        WeakReference buffer = LendOnce();
        GC.Collect();
        Assert.True(buffer.IsAlive); // kept for the next one
        buffers.Clear();
        messages.Clear();
        GC.Collect();
        Assert.False(buffer.IsAlive);
        SipBuffer next = buffers.Rent(100);
        next.Release();
        Assert.Same(next, buffers.Rent(100));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference LendOnce()
    {
        SipBuffer buffer = buffers.Rent(100);
        buffer.Release();
        return new WeakReference(buffer);
    }
}
