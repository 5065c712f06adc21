using Sip.B2bua;
using Sip.B2bua.Plugins.SanityChecker;

namespace Plugins.Tests.SanityChecker;

public sealed class SanityCheckerTests
{
    private const string Good = """
        INVITE sip:bob@example.org SIP/2.0
        Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK1
        From: <sip:alice@example.org>;tag=1
        To: <sip:bob@example.org>
        Call-ID: c1
        CSeq: 1 INVITE
        Contact: <sip:alice@192.0.2.10>
        Content-Length: 0


        """;

    [Fact]
    public async Task A_good_request_goes_on()
    {
        FakeRequestContext context = new(Good);
        Assert.Equal(Verdict.Continue, await Check(context));
        Assert.Equal(0, context.StatusCode);
    }

    [Theory]
    [InlineData("From: <sip:alice@example.org>", "From: <sip:alice@example.org:99999>", "Malformed From")]
    [InlineData("From: <sip:alice@example.org>", "From: <sip:al@ice@example.org>", "Malformed From")]
    [InlineData("From: <sip:alice@example.org>", "From: <sip:al\\ice@example.org>", "Malformed From")]
    [InlineData("To: <sip:bob@example.org>", "To: <sip:bob@>", "Malformed To")]
    [InlineData("To: <sip:bob@example.org>", "To: <sip:b@ob@example.org>", "Malformed To")]
    [InlineData("Contact: <sip:alice@192.0.2.10>", "Contact: <alice@192.0.2.10>", "Malformed Contact")]
    [InlineData("Contact: <sip:alice@192.0.2.10>", "Contact: <sip:alice@>", "Malformed Contact")]
    public async Task A_request_without_sense_gets_400_and_the_reason(string good, string bad, string reason)
    {
        FakeRequestContext context = new(Good.Replace(good, bad));
        Assert.Equal(Verdict.Done, await Check(context));
        Assert.Equal(400, context.StatusCode);
        Assert.Equal(reason, context.Reason);
        Assert.Contains(reason, context.Trail.ToString());
    }

    [Theory]
    [InlineData("Contact: <sip:alice@192.0.2.10>", "Contact: *")]
    [InlineData("From: <sip:alice@example.org>", "From: <tel:+33123456789>")]
    [InlineData("Contact: <sip:alice@192.0.2.10>\n", "")]
    [InlineData("From: <sip:alice@example.org>;tag=1", "From: <sip:alice@example.org>")]
    public async Task Odd_but_legal_requests_go_on(string good, string odd)
    {
        FakeRequestContext context = new(Good.ReplaceLineEndings("\n").Replace(good, odd));
        Assert.Equal(Verdict.Continue, await Check(context));
    }

    [Fact]
    public async Task A_From_without_tag_is_refused_where_the_setting_says_so()
    {
        FakeRequestContext context = new(Good.Replace(";tag=1", ""));
        Assert.Equal(Verdict.Done, await Check(context, new SanityCheckerOptions { RequireFromTag = true }));
        Assert.Equal(400, context.StatusCode);
        Assert.Equal("From without tag", context.Reason);
    }

    [Theory]
    [InlineData("", 400)]
    [InlineData("Contact: <sip:alice@192.0.2.10>\n", 400)]
    [InlineData("Event: presence\n", 0)]
    public async Task Subscribe_needs_an_event(string header, int code)
    {
        FakeRequestContext context = new(Good.ReplaceLineEndings("\n").Replace("INVITE", "SUBSCRIBE").Replace("Contact: <sip:alice@192.0.2.10>\n", header));
        await Check(context);
        Assert.Equal(code, context.StatusCode);
    }

    private static ValueTask<Verdict> Check(FakeRequestContext context, SanityCheckerOptions? options = null) =>
        new SanityCheckerModule(new FixedSettings<SanityCheckerOptions>(options ?? new SanityCheckerOptions())).OnRequestAsync(context);
}
