using System.Security.Cryptography.X509Certificates;
using Sip.Transports;

namespace Sip.Tests.Transports;

/// <summary>RFC 5922 7.1 and 7.2.</summary>
public sealed class SipIdentitiesTests : IDisposable
{
    private readonly TestAuthority authority = new();

    public void Dispose() => authority.Dispose();

    [Fact]
    public void Names_of_the_DNS_count_without_a_SIP_URI() =>
        Assert.Equal(["a.example", "b.example"], Identities("c.example", "a.example", "b.example", "http://d.example/"));

    [Fact]
    public void Names_of_the_DNS_do_not_count_beside_a_SIP_URI() =>
        Assert.Equal(["sip.example"], Identities("c.example", "a.example", "sip:sip.example", "b.example"));

    [Fact]
    public void A_URI_with_a_user_or_another_scheme_does_not_count() =>
        Assert.Equal(["a.example"], Identities("c.example", "sip:user@u.example", "sips:s.example", "a.example"));

    [Fact]
    public void The_common_name_counts_only_without_a_subjectAltName()
    {
        Assert.Equal(["c.example"], Identities("c.example"));
        Assert.Empty(Identities("c.example", "http://d.example/"));
        Assert.Empty(Identities("Some Company"));
    }

    [Theory]
    [InlineData("a.example", "A.EXAMPLE", true)]
    [InlineData("a.example", "a.example.", true)]
    [InlineData("a.example", "b.a.example", false)]
    [InlineData("*.example", "a.example", false)]
    [InlineData(".example", "a.example", false)]
    public void Names_are_compared_whole(string identity, string name, bool same) => Assert.Equal(same, SipIdentities.Contain([identity], name));

    private IReadOnlyList<string> Identities(string common, params string[] names)
    {
        using X509Certificate2 certificate = authority.Issue(common, names);
        return SipIdentities.Of(certificate);
    }
}
