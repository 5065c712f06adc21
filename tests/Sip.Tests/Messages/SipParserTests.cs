using Sip.Messages;
using static Sip.Tests.Messages.TestMessages;

namespace Sip.Tests.Messages;

public sealed class SipParserTests
{
    [Fact]
    public void Parse_Invite_ReadsWhatEveryLayerNeeds()
    {
        SipMessage message = Parse(Invite("Max-Forwards: 70\r\nContent-Type: application/sdp\r\n", Offer));
        Assert.True(message.IsRequest);
        Assert.Equal(SipMethod.Invite, message.Method);
        Assert.Equal("sip:bob@example.com", Text(message.RequestUri));
        Assert.Equal("z9hG4bK77", Text(message.ViaBranch));
        Assert.Equal("192.0.2.1:5060", Text(message.ViaSentBy));
        Assert.Equal("SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK77;rport", Text(message.TopVia));
        Assert.True(message.HasRfc3261Branch);
        Assert.Equal("c1@example.com", Text(message.CallId));
        Assert.Equal(7u, message.CSeqNumber);
        Assert.Equal(SipMethod.Invite, message.CSeqMethod);
        Assert.Equal("a1", Text(message.FromTag));
        Assert.True(message.ToTag.IsEmpty);
        Assert.Equal(70, message.MaxForwards);
        Assert.Equal(Offer, Text(message.Body));
        Assert.Equal("application/sdp", Text(message.ContentType));
    }

    [Fact]
    public void Parse_Response_ReadsCodeAndPhrase()
    {
        SipMessage message = Parse("SIP/2.0 486 Busy Here\r\n" + Required + "\r\n");
        Assert.False(message.IsRequest);
        Assert.Equal(486, message.StatusCode);
        Assert.Equal("Busy Here", Text(message.ReasonPhrase));
    }

    [Fact]
    public void Parse_EmptyLinesInFront_AreIgnored() => Assert.Equal(SipParseError.None, Error("\r\n\r\n" + Invite()));

    [Theory]
    [InlineData("")]
    [InlineData("\r\n\r\n")]
    [InlineData("\0\0\0\0")]
    [InlineData(" \r\n")]
    public void Parse_KeepAlive_IsEmpty(string text) => Assert.Equal(SipParseError.Empty, Error(text));

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("hello\r\n\r\n")]
    [InlineData("\u0001\u0002\u0003")]
    [InlineData("INVITE sip:a@b\r\n\r\n")]
    public void Parse_OtherProtocol_IsNotSip(string text) => Assert.Equal(SipParseError.NotSip, Error(text));

    [Theory]
    [InlineData("INVITE  sip:bob@example.com SIP/2.0", SipParseError.BadStartLine)]
    [InlineData("INVITE sip:bob@example.com  SIP/2.0", SipParseError.BadStartLine)]
    [InlineData("INVITE sip:bob@example.com SIP/2.0 ", SipParseError.BadStartLine)]
    [InlineData("INVITE sip:bob@example.com SIP/2.00", SipParseError.BadVersion)]
    [InlineData("INVITE sip:bob@example.com SIP/3.0", SipParseError.BadVersion)]
    [InlineData("INVITE sip:bob@example.com sip/2.0", SipParseError.None)]
    [InlineData("INVITE <sip:bob@example.com> SIP/2.0", SipParseError.BadRequestUri)]
    [InlineData("INVITE sip:bob@example.com?Route=x SIP/2.0", SipParseError.BadRequestUri)]
    [InlineData("INVITE sip:bob@ SIP/2.0", SipParseError.BadRequestUri)]
    [InlineData("INVITE bob SIP/2.0", SipParseError.BadRequestUri)]
    [InlineData("INVITE tel:+1-201-555-0123 SIP/2.0", SipParseError.None)]
    public void Parse_RequestLine_IsCheckedAgainstTheGrammar(string line, SipParseError expected) =>
        Assert.Equal(expected, Error(line + "\r\n" + Required + "\r\n"));

    [Theory]
    [InlineData("SIP/2.0 99 x", SipParseError.BadStatusCode)]
    [InlineData("SIP/2.0 700 x", SipParseError.BadStatusCode)]
    [InlineData("SIP/2.0 0200 x", SipParseError.BadStatusCode)]
    [InlineData("SIP/2.0 4294967496 x", SipParseError.BadStatusCode)]
    [InlineData("SIP/3.0 200 OK", SipParseError.BadVersion)]
    [InlineData("SIP/2.0 200", SipParseError.None)]
    public void Parse_StatusLine_IsCheckedAgainstTheGrammar(string line, SipParseError expected) =>
        Assert.Equal(expected, Error(line + "\r\n" + Required + "\r\n"));

    [Theory]
    [InlineData("Via", SipParseError.MissingVia)]
    [InlineData("From", SipParseError.MissingFrom)]
    [InlineData("To", SipParseError.MissingTo)]
    [InlineData("Call-ID", SipParseError.MissingCallId)]
    [InlineData("CSeq", SipParseError.MissingCSeq)]
    public void Parse_RequiredHeaderMissing_IsNamed(string name, SipParseError expected)
    {
        string required = string.Concat(Required.Split("\r\n", StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.StartsWith(name + ":", StringComparison.Ordinal)).Select(line => line + "\r\n"));
        Assert.Equal(expected, Error(Invite(required: required)));
    }

    // 7.3.1, 20: what stands once must not stand twice, in whatever spelling. First wins or last wins is how headers are smuggled.
    [Theory]
    [InlineData("Call-ID: other\r\n")]
    [InlineData("i: c1@example.com\r\n")]
    [InlineData("f : <sip:mallory@example.com>\r\n")]
    [InlineData("TO: <sip:x@y>\r\n")]
    [InlineData("CSEQ: 7 INVITE\r\n")]
    [InlineData("Max-Forwards: 1\r\nMax-Forwards: 1\r\n")]
    [InlineData("Content-Length: 0\r\nl: 0\r\n")]
    [InlineData("Expires: 1\r\nExpires: 2\r\n")]
    public void Parse_SingleHeaderTwice_IsAnError(string more) => Assert.Equal(SipParseError.DuplicateHeader, Error(Invite(more)));

    [Theory]
    [InlineData("0 INVITE", SipParseError.None)]
    [InlineData("4294967295 INVITE", SipParseError.None)]
    [InlineData("2147483648 INVITE", SipParseError.None)]
    [InlineData("00000000000000000000000000000007 INVITE", SipParseError.None)]
    [InlineData("4294967296 INVITE", SipParseError.BadCSeq)]
    [InlineData("18446744073709551617 INVITE", SipParseError.BadCSeq)]
    [InlineData("-1 INVITE", SipParseError.BadCSeq)]
    [InlineData("7INVITE", SipParseError.BadCSeq)]
    [InlineData("7", SipParseError.BadCSeq)]
    [InlineData("7 BYE", SipParseError.CSeqMethodMismatch)]
    [InlineData("7 invite", SipParseError.CSeqMethodMismatch)]
    public void Parse_CSeq_NeverWraps(string value, SipParseError expected) =>
        Assert.Equal(expected, Error(Invite(required: Required.Replace("7 INVITE", value))));

    [Theory]
    [InlineData("0", SipParseError.None)]
    [InlineData("255", SipParseError.None)]
    [InlineData("256", SipParseError.BadMaxForwards)]
    [InlineData("4294967366", SipParseError.BadMaxForwards)]
    [InlineData("-1", SipParseError.BadMaxForwards)]
    [InlineData("", SipParseError.BadMaxForwards)]
    public void Parse_MaxForwards_IsZeroTo255(string value, SipParseError expected) =>
        Assert.Equal(expected, Error(Invite("Max-Forwards: " + value + "\r\n")));

    [Theory]
    [InlineData("0", SipParseError.None)]
    [InlineData("4", SipParseError.None)]
    [InlineData("5", SipParseError.TruncatedBody)]
    [InlineData("2147483648", SipParseError.BadContentLength)]
    [InlineData("4294967300", SipParseError.BadContentLength)]
    [InlineData("18446744073709551620", SipParseError.BadContentLength)]
    [InlineData("-4", SipParseError.BadContentLength)]
    [InlineData("+4", SipParseError.BadContentLength)]
    [InlineData("4, 4", SipParseError.BadContentLength)]
    [InlineData("", SipParseError.BadContentLength)]
    public void Parse_ContentLength_NeverWraps(string value, SipParseError expected) =>
        Assert.Equal(expected, Error(Invite("Content-Length: " + value + "\r\n") + "body"));

    // 18.3: over UDP what follows the body is thrown away.
    [Fact]
    public void Parse_OctetsBehindTheBody_AreIgnoredOverUdp() =>
        Assert.Equal("bo", Text(Parse(Invite("Content-Length: 2\r\n") + "body").Body));

    [Fact]
    public void Parse_NoContentLength_BodyRunsToTheEndOverUdpAndIsAnErrorOverAStream()
    {
        Assert.Equal("body", Text(Parse(Invite() + "body").Body));
        Assert.Equal(SipParseError.MissingContentLength, Error(Invite() + "body", stream: true));
    }

    [Theory]
    [InlineData("Subject : spaced\r\n")]
    [InlineData("Subject\t:\tspaced \t \r\n")]
    [InlineData("Subject:\r\n spaced\r\n")]
    [InlineData("s:spaced\r\n")]
    [InlineData("SUBJECT: \r\n\t \r\n spaced\r\n")]
    public void Parse_WhiteSpaceFoldsAndCompactForms_AreUnderstood(string header) =>
        Assert.Equal("spaced", Text(Parse(Invite(header)).First(HeaderId.Subject)));

    [Theory]
    [InlineData("no colon\r\n", SipParseError.BadHeaderLine)]
    [InlineData(": no name\r\n", SipParseError.BadHeaderLine)]
    [InlineData("two words: x\r\n", SipParseError.BadHeaderLine)]
    [InlineData("Subject\r\n : x\r\n", SipParseError.BadHeaderLine)]
    [InlineData("Subject: a\nTo: <sip:x@y>\r\n", SipParseError.BareLineBreak)]
    [InlineData("Subject: a\rb\r\n", SipParseError.BareLineBreak)]
    public void Parse_BadHeaderLine_IsRefused(string header, SipParseError expected) => Assert.Equal(expected, Error(Invite(header)));

    [Theory]
    [InlineData("Subject\0: x\r\n", SipParseError.BadHeaderLine)]
    [InlineData("Subject: a\0b\r\n", SipParseError.None)]
    public void Parse_NulOctet_EndsNothing(string header, SipParseError expected)
    {
        Assert.Equal(expected, TryParse(Invite(header), out SipMessage message));
        Assert.True(expected != SipParseError.None || message.First(HeaderId.Subject).Length == 3);
    }

    [Fact]
    public void Parse_MoreHeadersThanTheLimit_IsRefused()
    {
        SipLimits limits = new() { MaxHeaders = 8 };
        Assert.Equal(SipParseError.None, Error(Invite("A: 1\r\nB: 1\r\nC: 1\r\n"), limits: limits));
        Assert.Equal(SipParseError.TooManyHeaders, Error(Invite("A: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\n"), limits: limits));
    }

    [Fact]
    public void Parse_LongerThanTheLimits_Is513()
    {
        string large = Invite("Subject: " + new string('x', 5000) + "\r\n");
        SipParseError headers = Error(large, limits: new SipLimits { MaxHeaderBytes = 4096 });
        Assert.Equal(SipParseError.HeadersTooLarge, headers);
        Assert.Equal(513, headers.StatusCode());
        Assert.Equal(SipParseError.MessageTooLarge, Error(large, limits: new SipLimits { MaxMessageBytes = 4096 }));
    }

    [Fact]
    public void Parse_DatagramCutInTheHeaders_IsRefused()
    {
        string whole = Invite("Content-Length: 0\r\n");
        for (int length = whole.Length - 1; length > 60; length--)
        {
            Assert.NotEqual(SipParseError.None, Error(whole[..length]));
        }
    }

    [Fact]
    public void Parse_Success_TakesOverTheCountOfTheBuffer()
    {
        SipBufferPool pool = new();
        SipBuffer buffer = pool.Rent(1024);
        byte[] bytes = Bytes(Invite());
        bytes.CopyTo(buffer.Array, 0);
        buffer.Length = bytes.Length;
        SipMessagePool messages = new();
        SipMessage message = messages.Rent();
        Assert.Equal(SipParseError.None, SipParser.Parse(buffer, false, message, SipLimits.Default));
        message.Retain();
        message.Release();
        Assert.Equal(SipMethod.Invite, message.Method);
        message.Release();
        Assert.Same(buffer, pool.Rent(1024));
        Assert.Same(message, messages.Rent());
    }

    [Fact]
    public void Parse_Error_LeavesTheCountToTheCaller()
    {
        SipBufferPool pool = new();
        SipBuffer buffer = pool.Rent(1024);
        buffer.Length = 5;
        SipMessage message = new SipMessagePool().Rent();
        Assert.NotEqual(SipParseError.None, SipParser.Parse(buffer, false, message, SipLimits.Default));
        message.Release();
        Assert.NotSame(buffer, pool.Rent(1024));
        buffer.Release();
        Assert.Same(buffer, pool.Rent(1024));
    }

    // design: no field costs more than linear. 64 KB of anything is parsed in an instant; a quadratic parser takes seconds here.
    [Theory]
    [InlineData(",")]
    [InlineData(";")]
    [InlineData("\"")]
    [InlineData("\\\"")]
    [InlineData("<")]
    [InlineData(";a")]
    [InlineData("\r\n ")]
    [InlineData(",<sip:a@b>")]
    public void Parse_LargestHeader_CostsLinearTime(string unit)
    {
        string value = string.Concat(Enumerable.Repeat(unit, 60_000 / unit.Length));
        SipLimits limits = new() { MaxHeaderBytes = 70_000, MaxMessageBytes = 70_000 };
        TryParse(Invite("Contact: <sip:a@b>" + value + "\r\n"), out SipMessage message, limits: limits);
        Cost.IsBelow(0.2, () =>
        {
            foreach (ReadOnlySpan<byte> element in message.Values(HeaderId.Contact))
            {
                _ = Sip.Headers.NameAddr.TryParse(element, out _);
            }
        });
    }
}
