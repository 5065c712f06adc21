using Sip.Headers;
using Sip.Messages;
using Sip.Uris;
using static Sip.Tests.Messages.TestMessages;

namespace Sip.Tests.Messages;

/// <summary>Every message of RFC 4475 and RFC 5118, each with its verdict at the parser; the facts that the RFCs name are asserted by name.</summary>
public sealed class TortureTests
{
    public static TheoryData<string, SipParseError> Verdicts => new()
    {
        { "rfc4475/wsinv.dat", SipParseError.None },
        { "rfc4475/intmeth.dat", SipParseError.None },
        { "rfc4475/esc01.dat", SipParseError.None },
        { "rfc4475/escnull.dat", SipParseError.None },
        { "rfc4475/esc02.dat", SipParseError.None },
        { "rfc4475/lwsdisp.dat", SipParseError.None },
        { "rfc4475/longreq.dat", SipParseError.None },
        { "rfc4475/dblreq.dat", SipParseError.None },
        { "rfc4475/semiuri.dat", SipParseError.None },
        { "rfc4475/transports.dat", SipParseError.None },
        { "rfc4475/mpart01.dat", SipParseError.None },
        { "rfc4475/unreason.dat", SipParseError.None },
        { "rfc4475/noreason.dat", SipParseError.None },
        { "rfc4475/badinv01.dat", SipParseError.BadVia },
        { "rfc4475/clerr.dat", SipParseError.TruncatedBody },
        { "rfc4475/ncl.dat", SipParseError.BadContentLength },
        { "rfc4475/scalar02.dat", SipParseError.BadCSeq },
        { "rfc4475/scalarlg.dat", SipParseError.BadCSeq },
        { "rfc4475/quotbal.dat", SipParseError.BadTo },
        { "rfc4475/ltgtruri.dat", SipParseError.BadRequestUri },
        { "rfc4475/lwsruri.dat", SipParseError.BadStartLine },
        { "rfc4475/lwsstart.dat", SipParseError.BadStartLine },
        { "rfc4475/trws.dat", SipParseError.BadStartLine },
        { "rfc4475/escruri.dat", SipParseError.BadRequestUri },
        { "rfc4475/baddate.dat", SipParseError.None }, // nobody needs the Date
        { "rfc4475/regbadct.dat", SipParseError.None }, // the registrar refuses the Contact
        { "rfc4475/badaspec.dat", SipParseError.BadTo },
        { "rfc4475/baddn.dat", SipParseError.MissingEmptyLine },
        { "rfc4475/baddn-terminated.dat", SipParseError.BadFrom },
        { "rfc4475/badvers.dat", SipParseError.BadVersion },
        { "rfc4475/mismatch01.dat", SipParseError.CSeqMethodMismatch },
        { "rfc4475/mismatch02.dat", SipParseError.CSeqMethodMismatch },
        { "rfc4475/bigcode.dat", SipParseError.BadStatusCode },
        { "rfc4475/badbranch.dat", SipParseError.None }, // matched as RFC 2543 wants
        { "rfc4475/insuf.dat", SipParseError.MissingFrom },
        { "rfc4475/unkscm.dat", SipParseError.None }, // 416 above
        { "rfc4475/novelsc.dat", SipParseError.None }, // 416 above
        { "rfc4475/unksm2.dat", SipParseError.None }, // the registrar's 400
        { "rfc4475/bext01.dat", SipParseError.None }, // 420 above
        { "rfc4475/invut.dat", SipParseError.None }, // 415 above
        { "rfc4475/regaut01.dat", SipParseError.None }, // no credentials
        { "rfc4475/multi01.dat", SipParseError.DuplicateHeader },
        { "rfc4475/mcl01.dat", SipParseError.DuplicateHeader },
        { "rfc4475/bcast.dat", SipParseError.None }, // a response that matches no transaction
        { "rfc4475/zeromf.dat", SipParseError.None }, // 483 above
        { "rfc4475/cparam01.dat", SipParseError.None },
        { "rfc4475/cparam02.dat", SipParseError.None },
        { "rfc4475/regescrt.dat", SipParseError.None },
        { "rfc4475/sdp01.dat", SipParseError.None }, // 406 above
        { "rfc4475/inv2543.dat", SipParseError.None },
        { "rfc4475/test.dat", SipParseError.NotSip },
        { "rfc5118/ipv6-good.dat", SipParseError.None },
        { "rfc5118/ipv6-bad.dat", SipParseError.BadRequestUri },
        { "rfc5118/port-ambiguous.dat", SipParseError.None },
        { "rfc5118/port-unambiguous.dat", SipParseError.None },
        { "rfc5118/via-received-param-with-delim.dat", SipParseError.None },
        { "rfc5118/via-received-param-no-delim.dat", SipParseError.None },
        { "rfc5118/ipv6-in-sdp.dat", SipParseError.TruncatedBody },
        { "rfc5118/ipv6-in-sdp-clfixed.dat", SipParseError.None },
        { "rfc5118/mult-ip-in-header.dat", SipParseError.None },
        { "rfc5118/mult-ip-in-sdp.dat", SipParseError.None },
        { "rfc5118/mult-ip-in-sdp-clfixed.dat", SipParseError.None },
        { "rfc5118/ipv4-mapped-ipv6.dat", SipParseError.None },
        { "rfc5118/ipv4-mapped-ipv6-clfixed.dat", SipParseError.None },
        { "rfc5118/ipv6-bug-abnf-3-colons.dat", SipParseError.None },
        { "rfc5118/ipv6-correct-abnf-2-colons.dat", SipParseError.None },
    };

    [Theory]
    [MemberData(nameof(Verdicts))]
    public void Parse_TortureMessage_HasItsVerdict(string file, SipParseError verdict) =>
        Assert.Equal(verdict, TryParse(Read(file), out _));

    [Fact]
    public void Every_torture_message_has_a_verdict()
    {
        string folder = Path.Combine(DataFolder, "torture");
        IEnumerable<string> files = Directory.GetFiles(folder, "*.dat", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/'));
        Assert.Equal(files.Order(StringComparer.Ordinal), Verdicts.Select(row => (string)row[0]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Archived_messages_with_bare_line_feeds_are_refused()
    {
        string[] files = Directory.GetFiles(Path.Combine(DataFolder, "torture", "rfc5118", "archive-lf"));
        Assert.Equal(12, files.Length);
        Assert.All(files, file => Assert.Equal(SipParseError.BareLineBreak, TryParse(File.ReadAllBytes(file), out _)));
    }

    [Theory]
    [InlineData("rfc4475/badvers.dat", 505)]
    [InlineData("rfc4475/scalar02.dat", 400)]
    [InlineData("rfc4475/quotbal.dat", 400)]
    [InlineData("rfc4475/baddn-terminated.dat", 400)]
    [InlineData("rfc4475/multi01.dat", 400)]
    [InlineData("rfc4475/lwsruri.dat", 400)]
    [InlineData("rfc4475/mismatch02.dat", 400)]
    [InlineData("rfc5118/ipv6-bad.dat", 400)]
    public void Parse_RefusedRequest_CanStillBeAnswered(string file, int status)
    {
        SipParseError error = TryParse(Read(file), out SipMessage message);
        Assert.True(message.IsRequest);
        Assert.True(message.CanBeAnswered);
        Assert.Equal(status, error.StatusCode());
    }

    [Theory]
    [InlineData("rfc4475/insuf.dat")]
    [InlineData("rfc4475/badinv01.dat")]
    [InlineData("rfc4475/test.dat")]
    public void Parse_RequestWithoutWhatAnAnswerCopies_CannotBeAnswered(string file)
    {
        TryParse(Read(file), out SipMessage message);
        Assert.False(message.CanBeAnswered);
    }

    [Fact]
    public void Parse_Wsinv_ReadsThroughFoldsTabsAndCompactForms()
    {
        SipMessage message = Accept("rfc4475/wsinv.dat");
        Assert.Equal(9u, message.CSeqNumber);
        Assert.Equal(68, message.MaxForwards);
        Assert.Equal(3, Values(message, HeaderId.Via).Count);
        Assert.False(message.HasRfc3261Branch);
        Assert.True(message.Has(HeaderId.Subject));
        Assert.True(message.First(HeaderId.Subject).IsEmpty);
        Assert.Equal("98asjd8", Text(message.FromTag));
        Assert.Equal("1918181833n", Text(message.ToTag));
        Assert.Equal(";;,,;;,;", Text(message.Find("unknownheaderWITHunusualvalue"u8)));
        Assert.Equal("newfangled value\r\n continued newfangled value", Text(message.Find("NewFangledHeader"u8)));
        foreach (ReadOnlySpan<byte> value in message.Values(HeaderId.Via))
        {
            Assert.True(Via.TryParse(value, out Via via));
            Assert.Equal(3, via.Transport.Length);
        }

        foreach (ReadOnlySpan<byte> value in message.Values(HeaderId.Route))
        {
            Assert.True(NameAddr.TryParse(value, out _));
        }
    }

    [Fact]
    public void Parse_Intmeth_NeverEndsAtNul()
    {
        SipMessage message = Accept("rfc4475/intmeth.dat");
        Assert.Equal("!interesting-Method0123456789_*+`.%indeed'~", Text(message.MethodName));
        Assert.Equal(SipMethod.Unknown, message.Method);
        Assert.True(NameAddr.TryParse(message.To, out NameAddr to));
        Assert.Equal("\"BEL:\\\u0007 NUL:\\\0 DEL:\\\u007F\"", Text(to.DisplayName));
    }

    [Fact]
    public void Parse_Esc01_UnescapesOnce()
    {
        SipMessage message = Accept("rfc4475/esc01.dat");
        Assert.True(SipUri.TryParse(message.RequestUri, out SipUri uri));
        Assert.Equal("example.net", Text(uri.Host));
        Span<byte> user = stackalloc byte[64];
        Assert.True(SipUris.TryUnescape(uri.User, user, out int length));
        Assert.Equal("sips:user@example.com", Text(user[..length]));
        Assert.True(SipUris.TryUnescape("%25%34%31"u8, user, out length));
        Assert.Equal("%41", Text(user[..length]));
    }

    [Fact]
    public void Parse_Escnull_KeepsTwoDistinctContacts()
    {
        SipMessage message = Accept("rfc4475/escnull.dat");
        List<string> contacts = Values(message, HeaderId.Contact);
        Assert.Equal(2, contacts.Count);
        Assert.True(NameAddr.TryParse(Bytes(contacts[0]), out NameAddr a));
        Assert.True(NameAddr.TryParse(Bytes(contacts[1]), out NameAddr b));
        Assert.False(SipUriComparer.Equal(a.Uri, b.Uri));
    }

    [Fact]
    public void Parse_Esc02_DoesNotUnescapeMethodNorHeaderNames()
    {
        SipMessage message = Accept("rfc4475/esc02.dat");
        Assert.Equal("RE%47IST%45R", Text(message.MethodName));
        Assert.Equal(SipMethod.Unknown, message.Method);
        Assert.Equal(2, Values(message, HeaderId.Contact).Count);
        Assert.False(message.Find("C%6Fntact"u8).IsEmpty);
    }

    [Fact]
    public void Parse_Lwsdisp_NeedsNoSpaceBeforeTheBracket()
    {
        SipMessage message = Accept("rfc4475/lwsdisp.dat");
        Assert.True(NameAddr.TryParse(message.From, out NameAddr from));
        Assert.Equal("caller", Text(from.DisplayName));
        Assert.Equal("323", Text(message.FromTag));
    }

    [Fact]
    public void Parse_Longreq_IsNotTruncated()
    {
        SipMessage message = Accept("rfc4475/longreq.dat");
        Assert.True(message.CallId.Length > 100);
        Assert.All(Values(message, HeaderId.Via), value => Assert.True(Via.TryParse(Bytes(value), out _)));
        Assert.True(NameAddr.TryParse(message.To, out _));
    }

    [Fact]
    public void Parse_Dblreq_IgnoresWhatFollowsTheBody()
    {
        SipMessage message = Accept("rfc4475/dblreq.dat");
        Assert.Equal(SipMethod.Register, message.Method);
        Assert.True(message.Body.IsEmpty);
    }

    [Fact]
    public void Parse_Transports_ReadsEveryTransport()
    {
        SipMessage message = Accept("rfc4475/transports.dat");
        List<string> transports = [];
        foreach (ReadOnlySpan<byte> value in message.Values(HeaderId.Via))
        {
            Assert.True(Via.TryParse(value, out Via via));
            transports.Add(Text(via.Transport));
        }

        Assert.Equal(["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"], transports);
    }

    [Fact]
    public void Parse_Mpart01_TakesTheBodyByLengthOnly() => Assert.Equal(553, Accept("rfc4475/mpart01.dat").Body.Length);

    [Fact]
    public void Parse_Noreason_HasAnEmptyPhrase()
    {
        SipMessage message = Accept("rfc4475/noreason.dat");
        Assert.Equal(100, message.StatusCode);
        Assert.True(message.ReasonPhrase.IsEmpty);
    }

    [Fact]
    public void Parse_Badbranch_IsNoRfc3261Branch() => Assert.False(Accept("rfc4475/badbranch.dat").HasRfc3261Branch);

    [Fact]
    public void Parse_Regbadct_HasAContactThatCannotBeRead() =>
        Assert.False(NameAddr.TryParse(Accept("rfc4475/regbadct.dat").First(HeaderId.Contact), out _));

    [Theory]
    [InlineData("rfc4475/unkscm.dat", "nobodyKnowsThisScheme")]
    [InlineData("rfc4475/novelsc.dat", "soap.beep")]
    public void Parse_OtherScheme_IsReadableForThe416(string file, string scheme) =>
        Assert.Equal(scheme, Text(SipUris.Scheme(Accept(file).RequestUri)));

    [Fact]
    public void Parse_Bext01_HasTheOptionTagsForThe420()
    {
        SipMessage message = Accept("rfc4475/bext01.dat");
        Assert.Equal(["nothingSupportsThis", "nothingSupportsThisEither"], Values(message, HeaderId.Require));
        Assert.Equal(2, Values(message, HeaderId.ProxyRequire).Count);
    }

    [Fact]
    public void Parse_Invut_HasTheTypeForThe415() =>
        Assert.Equal("application/unknownformat", Text(Accept("rfc4475/invut.dat").ContentType));

    [Fact]
    public void Parse_Regaut01_HasNoCredentialsOfOurs() =>
        Assert.False(DigestCredentials.TryParse(Accept("rfc4475/regaut01.dat").First(HeaderId.Authorization), out _));

    [Fact]
    public void Parse_Zeromf_HasZeroHops() => Assert.Equal(0, Accept("rfc4475/zeromf.dat").MaxForwards);

    [Fact]
    public void Parse_Bcast_ShowsTwoVias() => Assert.Equal(2, Values(Accept("rfc4475/bcast.dat"), HeaderId.Via).Count);

    [Theory]
    [InlineData("rfc4475/cparam01.dat", false)]
    [InlineData("rfc4475/cparam02.dat", true)]
    public void Parse_UnknownContactParameter_BelongsToTheUriOnlyInBrackets(string file, bool inUri)
    {
        Assert.True(NameAddr.TryParse(Accept(file).First(HeaderId.Contact), out NameAddr contact));
        Assert.Equal(!inUri, contact.Params.Has("unknownparam"u8));
        Assert.True(SipUri.TryParse(contact.Uri, out SipUri uri));
        Assert.Equal(inUri, uri.HasParam("unknownparam"u8));
    }

    [Fact]
    public void Parse_Regescrt_KeepsTheHeadersOfTheContact()
    {
        Assert.True(NameAddr.TryParse(Accept("rfc4475/regescrt.dat").First(HeaderId.Contact), out NameAddr contact));
        Assert.True(SipUri.TryParse(contact.Uri, out SipUri uri));
        Assert.StartsWith("Route=", Text(uri.Headers));
    }

    [Fact]
    public void Parse_Sdp01_HasTheAcceptForThe406() =>
        Assert.Equal(["text/nobodyKnowsThis"], Values(Accept("rfc4475/sdp01.dat"), HeaderId.Accept));

    [Fact]
    public void Parse_Inv2543_BodyRunsToTheEndOfTheDatagram()
    {
        SipMessage message = Accept("rfc4475/inv2543.dat");
        Assert.StartsWith("v=0", Text(message.Body));
        Assert.True(message.FromTag.IsEmpty);
        Assert.True(message.ViaBranch.IsEmpty);
        Assert.Equal(-1, message.MaxForwards);
        Assert.Equal(SipParseError.MissingContentLength, TryParse(Read("rfc4475/inv2543.dat"), out _, stream: true));
    }

    [Theory]
    [InlineData("rfc5118/ipv6-good.dat", "[2001:db8::10]", -1)]
    [InlineData("rfc5118/port-ambiguous.dat", "[2001:db8::10:5070]", -1)]
    [InlineData("rfc5118/port-unambiguous.dat", "[2001:db8::10]", 5070)]
    public void Parse_Ipv6RequestUri_KeepsAddressAndPortApart(string file, string host, int port)
    {
        Assert.True(SipUri.TryParse(Accept(file).RequestUri, out SipUri uri));
        Assert.Equal(host, Text(uri.Host));
        Assert.Equal(port, uri.Port);
    }

    [Theory]
    [InlineData("rfc5118/via-received-param-with-delim.dat")]
    [InlineData("rfc5118/via-received-param-no-delim.dat")]
    public void Parse_Ipv6Received_IsReadWithAndWithoutBrackets(string file)
    {
        Assert.True(Via.TryParse(Accept(file).TopVia, out Via via));
        Assert.Equal("2001:db8::9:255", Text(via.Received));
    }

    private static byte[] Read(string file) => File.ReadAllBytes(Path.Combine(DataFolder, "torture", file));

    private static SipMessage Accept(string file)
    {
        Assert.Equal(SipParseError.None, TryParse(Read(file), out SipMessage message));
        return message;
    }
}
