using System.Text;
using Sip.B2bua;
using Sip.B2bua.Plugins.Authentication;
using Sip.Headers;

namespace Plugins.Tests.Authentication;

public sealed class DigestVerifierTests
{
    private const string Nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
    private const string Auth = "nc=00000001, cnonce=\"0a4f113b\", qop=auth, ";

    // Computed by another implementation, for bob of biloxi.com with the password zanzibar.
    [Theory]
    [InlineData("INVITE", "sip:bob@biloxi.com", "MD5", "", "bf57e4e0d0bffc0fbaedce64d59add5e")]
    [InlineData("INVITE", "sip:bob@biloxi.com", "MD5", Auth, "89eb0059246c02b2f6ee02c7961d5ea3")]
    [InlineData("REGISTER", "sip:biloxi.com", "MD5", Auth, "9e2d1006810044fd79f39476209ae31a")]
    [InlineData("REGISTER", "sip:biloxi.com", "MD5-sess", Auth, "d20652dbd76d31d860900c50052719f5")]
    [InlineData("INVITE", "sip:bob@biloxi.com", "SHA-256", "", "38aad98c50c33abe72c5f88dd17246ffcfa6b1f68852c855719ff0659386c0ca")]
    [InlineData("INVITE", "sip:bob@biloxi.com", "SHA-256", Auth, "b3b5a6c69453abafaab9ae4dccdac90a076b6c80615d5f3498e7433b6e93bf4f")]
    [InlineData("REGISTER", "sip:biloxi.com", "SHA-256", Auth, "93e0e23c30bf2e3b139a3410a7edc9a5b15b1cfd8fd557ca8ee303e4372339a1")]
    [InlineData("REGISTER", "sip:biloxi.com", "SHA-256-sess", Auth, "c7a3482824c9edb1f43c541a2b65b28ac79600c0718ae1c33ad53facdeb09577")]
    public void Known_answers_are_right_and_any_other_is_wrong(string method, string uri, string algorithm, string qop, string response)
    {
        Credential bob = new() { AuthenticationName = "bob", ClearText = "zanzibar" };
        Assert.True(Verify(method, uri, algorithm, qop, response, bob));
        Assert.True(Verify(method, uri, algorithm, qop, response.ToUpperInvariant(), bob));
        Assert.False(Verify("BYE", uri, algorithm, qop, response, bob));
        Assert.False(Verify(method, uri, algorithm, qop, string.Concat(response.Reverse()), bob));
        Assert.False(Verify(method, uri, algorithm, qop, response, bob with { ClearText = "other" }));
        Assert.False(Verify(method, uri, algorithm, qop, response, bob with { AuthenticationName = "alice" }));
        Assert.False(Verify(method, uri, algorithm, qop, response, null));
    }

    [Fact]
    public void A_stored_hash_serves_where_the_password_is_not_known() => Assert.True(Verify(
        "REGISTER", "sip:biloxi.com", "MD5", Auth, "9e2d1006810044fd79f39476209ae31a",
        new Credential { AuthenticationName = "bob", Md5 = "12af60467a33e8518da5c68bbff12b11" }));

    [Theory]
    [InlineData("bob", "bob", true)]
    [InlineData("b\\\"o\\\\b", "b\"o\\b", true)]
    [InlineData("bobby", "bob", false)]
    [InlineData("bo", "bob", false)]
    [InlineData("", "", true)]
    public void Quoted_text_is_compared_unescaped(string quoted, string text, bool equal) =>
        Assert.Equal(equal, DigestVerifier.EqualsUnescaped(Encoding.UTF8.GetBytes(quoted), text));

    [Fact]
    public void Verifying_allocates_nothing()
    {
        byte[] value = Header("sip:biloxi.com", "SHA-256", Auth, "93e0e23c30bf2e3b139a3410a7edc9a5b15b1cfd8fd557ca8ee303e4372339a1");
        Credential bob = new() { AuthenticationName = "bob", Sha256 = "e65db393e748c5228939a6b4b2879e9ea5625cd79fd5267868cb568d69f6b97e" };
        Nonces nonces = new(TimeProvider.System);
        NonceCounts counts = new(64);
        byte[] nonce = new byte[Nonces.Length];
        nonces.Write("biloxi.com", nonce);
        Once(1);
        Once(2);
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool right = Once(3);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(right);

        bool Once(uint count) =>
            DigestCredentials.TryParse(value, out DigestCredentials given)
            && nonces.IsGood(nonce, "biloxi.com", TimeSpan.FromHours(1), out NonceId id)
            && DigestVerifier.Verify(given, "REGISTER"u8, default, bob, "biloxi.com", "biloxi.com")
            && counts.TryUse(id, count, new HashValue(0, count));
    }

    [Fact]
    public void The_table_of_counts_is_bounded_and_what_it_forgot_is_not_taken_again()
    {
        NonceCounts counts = new(100);
        NonceId first = new(1000, 1);
        Assert.True(counts.TryUse(first, 1, new HashValue(0, 1)));
        for (uint i = 0; i < 1000; i++)
        {
            counts.TryUse(new NonceId(1001 + i, 7), 1, new HashValue(0, 1));
        }

        Assert.InRange(counts.Count, 1, 101);
        Assert.False(counts.TryUse(first, 1, new HashValue(0, 2)));
        Assert.False(counts.TryUse(first, 2, new HashValue(0, 3)));
        Assert.True(counts.TryUse(new NonceId(3000, 1), 1, new HashValue(0, 1)));
    }

    [Fact]
    public void A_count_far_below_the_highest_is_not_taken()
    {
        NonceCounts counts = new(100);
        NonceId nonce = new(1000, 1);
        Assert.True(counts.TryUse(nonce, 100, new HashValue(0, 1)));
        Assert.True(counts.TryUse(nonce, 37, new HashValue(0, 2)));
        Assert.False(counts.TryUse(nonce, 36, new HashValue(0, 3)));
        Assert.False(counts.TryUse(nonce, 0, new HashValue(0, 4)));
        Assert.True(counts.TryUse(nonce, uint.MaxValue, new HashValue(0, 5)));
        Assert.False(counts.TryUse(nonce, 100, new HashValue(0, 6)));
    }

    private static byte[] Header(string uri, string algorithm, string qop, string response) => Encoding.UTF8.GetBytes(
        $"Digest username=\"bob\", realm=\"biloxi.com\", nonce=\"{Nonce}\", uri=\"{uri}\", {qop}algorithm={algorithm}, response=\"{response}\"");

    private static bool Verify(string method, string uri, string algorithm, string qop, string response, Credential? credential)
    {
        Assert.True(DigestCredentials.TryParse(Header(uri, algorithm, qop, response), out DigestCredentials given));
        return DigestVerifier.Verify(given, Encoding.UTF8.GetBytes(method), default, credential, "biloxi.com", "biloxi.com");
    }
}
