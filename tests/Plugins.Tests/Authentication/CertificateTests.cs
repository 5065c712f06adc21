using Microsoft.Extensions.Logging.Abstractions;
using Sip.B2bua.Plugins.Authentication;

namespace Plugins.Tests.Authentication;

/// <summary>What a certificate proves that was shown and verified on the connection of a request (RFC 5922, and Flexisip's rules).</summary>
public sealed class CertificateTests
{
    private AuthenticationOptions options = new() { AuthDomains = ["example.org"] };

    [Theory]
    [InlineData("REGISTER")]
    [InlineData("INVITE")]
    public async Task The_certificate_of_a_user_proves_who_sends(string method)
    {
        FakeRequestContext context = await SendAsync(FakeCertificate.For("Alice", "sip:alice@example.org"), method);
        Assert.False(context.IsOver);
        Assert.Equal("alice@example.org", context.Identity);
        Assert.False(context.IsTrusted);
    }

    [Theory]
    [InlineData("sip:alice@example.org", "alice@example.org")]
    [InlineData("sips:alice@EXAMPLE.org", "alice@example.org")]
    [InlineData("sip:%61lice@example.org;transport=tls", "alice@example.org")]
    [InlineData("sip:bob@example.org", null)]
    [InlineData("sip:alice@example.com", null)]
    [InlineData("http://alice@example.org", null)]
    public async Task It_must_be_that_user(string uri, string? identity) =>
        Assert.Equal(identity, (await SendAsync(FakeCertificate.For("x", uri), "REGISTER")).Identity);

    [Fact]
    public async Task The_common_name_may_be_the_user_as_well() =>
        Assert.Equal("alice@example.org", (await SendAsync(FakeCertificate.For("sip:alice@example.org"), "REGISTER")).Identity);

    [Theory]
    [InlineData("example.org")]
    [InlineData("sip:example.org")]
    [InlineData("EXAMPLE.ORG")]
    public async Task RFC_5922_7_1_the_certificate_of_a_domain_speaks_for_its_users(string name)
    {
        FakeRequestContext context = await SendAsync(FakeCertificate.For("x", name), "INVITE");
        Assert.Equal("alice@example.org", context.Identity);
        Assert.False(context.IsOver);
    }

    [Theory]
    [InlineData("example.com")]
    [InlineData("*.example.org")]
    [InlineData("*.org")]
    [InlineData("sip.example.org")]
    public async Task RFC_5922_7_2_of_another_domain_it_does_not(string name) =>
        Assert.Equal(407, (await SendAsync(FakeCertificate.For("x", name), "INVITE")).StatusCode);

    [Fact]
    public async Task RFC_5922_7_1_beside_a_SIP_URI_names_of_the_DNS_speak_for_nobody() =>
        Assert.Equal(407, (await SendAsync(FakeCertificate.For("x", "sip:example.com", "example.org"), "INVITE")).StatusCode);

    [Fact]
    public async Task RFC_5922_7_1_the_common_name_speaks_for_a_domain_only_without_other_names()
    {
        Assert.Equal("alice@example.org", (await SendAsync(FakeCertificate.For("example.org"), "INVITE")).Identity);
        Assert.Equal(407, (await SendAsync(FakeCertificate.For("example.org", "example.com"), "INVITE")).StatusCode);
    }

    [Fact]
    public async Task The_certificate_of_a_domain_makes_no_bindings_for_its_users() =>
        Assert.Equal(401, (await SendAsync(FakeCertificate.For("x", "example.org"), "REGISTER")).StatusCode);

    [Fact]
    public async Task A_foreign_domain_may_call_here_but_its_certificate_opens_no_way_to_others()
    {
        FakeRequestContext context = await SendAsync(FakeCertificate.For("x", "example.com"), "INVITE", "sip:carol@example.com");
        Assert.False(context.IsOver);
        Assert.Null(context.Identity);
        Assert.False(context.IsTrusted);
        Assert.Equal(403, (await SendAsync(null, "INVITE", "sip:carol@example.com")).StatusCode);
    }

    [Theory]
    [InlineData("pbx.example.com", true)]
    [InlineData("PBX.example.com", true)]
    [InlineData("sip:example.com", true)]
    [InlineData("Our gateway", true)]
    [InlineData("example.com", false)]
    public async Task A_server_is_believed_by_a_name_of_its_certificate(string trusted, bool believed)
    {
        options = new() { AuthDomains = ["example.org"], TrustedClientCertificates = [trusted] };
        FakeCertificate certificate = FakeCertificate.For("Our gateway", "pbx.example.com", "sip:example.com");
        FakeRequestContext context = await SendAsync(certificate, "INVITE", "sip:+49123@anywhere.test");
        Assert.Equal(believed, context.IsTrusted);
        Assert.Equal(believed ? 0 : 403, context.StatusCode);
        Assert.Equal(401, (await SendAsync(certificate, "REGISTER")).StatusCode);
    }

    [Theory]
    [InlineData(true, "example.org", "sip:bob@example.org", true)]
    [InlineData(true, "example.org", "sip:bob@example.com", false)]
    [InlineData(true, "example.com", "sip:bob@example.com", false)]
    [InlineData(false, "example.org", "sip:bob@example.org", false)]
    public async Task Another_server_of_the_called_domain_is_believed_where_that_is_wanted_and_the_domain_is_served(bool wanted, string name, string called, bool believed)
    {
        options = new() { AuthDomains = ["example.org"], TrustDomainCertificates = wanted };
        Assert.Equal(believed, (await SendAsync(FakeCertificate.For("x", name), "INVITE", "sip:+49123@anywhere.test", called)).IsTrusted);
    }

    [Theory]
    [InlineData("^sip:.*@example\\.org$", "alice@example.org")]
    [InlineData("^Staff$", "alice@example.org")]
    [InlineData("^Guests$", null)]
    public async Task One_of_the_names_must_match_the_required_subject(string expression, string? identity)
    {
        options = new() { AuthDomains = ["example.org"], TlsClientCertificateRequiredSubject = expression };
        Assert.Equal(identity, (await SendAsync(FakeCertificate.For("Staff", "sip:alice@example.org"), "REGISTER")).Identity);
    }

    [Fact]
    public async Task A_certificate_that_proves_nothing_is_refused_where_that_is_wanted()
    {
        options = new() { AuthDomains = ["example.org"], RejectWrongClientCertificates = true };
        FakeRequestContext context = await SendAsync(FakeCertificate.For("x", "sip:bob@example.org"), "REGISTER");
        Assert.Equal(403, context.StatusCode);
        Assert.Equal("Bad tls client certificate", context.Reason);
        Assert.Equal(401, (await SendAsync(null, "REGISTER")).StatusCode); // none was shown
    }

    [Fact]
    public void An_expression_that_cannot_be_read_is_told() => Assert.Equal(
        "tls-client-certificate-required-subject", Assert.Single(new AuthenticationOptions { TlsClientCertificateRequiredSubject = "(" }.Check()).Key);

    private async Task<FakeRequestContext> SendAsync(
        FakeCertificate? certificate, string method, string from = "sip:alice@example.org", string called = "sip:bob@example.org")
    {
        AuthenticationModule module = new(
            new FixedSettings<AuthenticationOptions>(options), new FakeCredentials(), new FakeDomains("example.org"), new TestClock(), NullLoggerFactory.Instance);
        FakeRequestContext context = new(
            $"{method} {called} SIP/2.0\nVia: SIP/2.0/TLS 192.0.2.10:5061;branch=z9hG4bK1\nFrom: <{from}>;tag=1\nTo: <{called}>\n"
            + $"Call-ID: c1\nCSeq: 1 {method}\nContent-Length: 0\n\n",
            reliable: true,
            certificate: certificate);
        await module.OnRequestAsync(context);
        return context;
    }
}
