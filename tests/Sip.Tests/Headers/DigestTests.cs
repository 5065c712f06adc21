using System.Text.Json;
using Sip.Headers;
using static Sip.Tests.Messages.TestMessages;

namespace Sip.Tests.Headers;

public sealed class DigestTests
{
    public static TheoryData<string> Vectors => [.. ReadVectors().Select(vector => vector.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Response_PublishedExample_IsComputed(string name)
    {
        JsonElement vector = ReadVectors().Single(candidate => candidate.GetProperty("name").GetString() == name);
        byte[] Get(string key) => vector.TryGetProperty(key, out JsonElement value) ? Bytes(value.GetString()!) : [];

        DigestAlgorithm algorithm = DigestHash.FindAlgorithm(Get("alg"));
        Span<byte> ha1 = stackalloc byte[DigestHash.MaxHexLength];
        Span<byte> response = stackalloc byte[DigestHash.MaxHexLength];
        int length = DigestHash.Ha1(algorithm, Get("user"), Get("realm"), Get("pw"), ha1);
        int written = DigestHash.Response(
            algorithm, ha1[..length], Get("method"), Get("uri"), Get("nonce"), Get("nc"), Get("cnonce"), Get("qop"), Get("body"), response);

        // .NET has no SHA-512/256; a server must not choose it and a client's use of it is refused.
        bool known = !Text(Get("alg")).StartsWith("SHA-512", StringComparison.Ordinal);
        Assert.Equal(known ? Text(Get("response")) : "", Text(response[..written]));
        Assert.Equal(known, algorithm != DigestAlgorithm.Unknown);
        if (known && !Text(Get("alg")).EndsWith("-sess", StringComparison.Ordinal))
        {
            Assert.Equal(Text(Get("ha1")), Text(ha1[..length]));
        }
    }

    [Theory]
    [InlineData("response=\"89eb0059246c02b2f6ee02c7961d5ea3\"", true)]
    [InlineData("response=\"89EB0059246C02B2F6EE02C7961D5EA3\"", true)]
    [InlineData("response=\"89eb0059246c02b2f6ee02c7961d5ea4\"", false)]
    [InlineData("response=\"89eb0059246c02b2f6ee02c7961d5e\"", false)]
    [InlineData("response=\"\"", false)]
    public void Verify_Credentials_AcceptsOnlyTheRightResponse(string response, bool expected)
    {
        string value = "Digest username=\"bob\", realm=\"biloxi.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"sip:bob@biloxi.com\", "
            + "qop=auth, nc=00000001, cnonce=\"0a4f113b\", algorithm=MD5, " + response;
        Assert.True(DigestCredentials.TryParse(Bytes(value), out DigestCredentials credentials));
        Assert.Equal(expected, DigestHash.Verify(credentials, "INVITE"u8, "12af60467a33e8518da5c68bbff12b11"u8, default));
        Assert.False(DigestHash.Verify(credentials, "REGISTER"u8, "12af60467a33e8518da5c68bbff12b11"u8, default));
    }

    [Fact]
    public void Response_TextLongerThanTheStack_IsTheSameHash()
    {
        byte[] name = Bytes(new string('x', 5000));
        Span<byte> a = stackalloc byte[DigestHash.MaxHexLength];
        DigestHash.Ha1(DigestAlgorithm.Sha256, name, "r"u8, "p"u8, a);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData([.. name, .. ":r:p"u8])), Text(a));
    }

    [Fact]
    public void TryParse_Credentials_HasEveryPart()
    {
        Assert.True(DigestCredentials.TryParse(
            "dIgEsT\tusername = \"a\\\"l,ice\",realm=\"r\"\r\n ,nonce=\"n=\" , uri=\"sip:x;y=z\",response=\"00\",algorithm=SHA-256,cnonce=\"c\",nc=0000000a,qop=auth,opaque=\"\",x=y"u8,
            out DigestCredentials credentials));
        Assert.Equal("a\\\"l,ice", Text(credentials.Username));
        Assert.Equal("r", Text(credentials.Realm));
        Assert.Equal("n=", Text(credentials.Nonce));
        Assert.Equal("sip:x;y=z", Text(credentials.Uri));
        Assert.Equal(DigestAlgorithm.Sha256, credentials.Algorithm);
        Assert.Equal(10u, credentials.NonceCount);
        Assert.Equal("auth", Text(credentials.Qop));
        Assert.Equal("c", Text(credentials.Cnonce));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Digest")]
    [InlineData("Basic YTpi")]
    [InlineData("NoOneKnowsThisScheme opaque-data=here")]
    [InlineData("Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\"")]
    [InlineData("Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\", response=\"00")]
    [InlineData("Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\" response=\"00\"")]
    [InlineData("Digest username=\"a\", username=\"b\", realm=\"r\", nonce=\"n\", uri=\"u\", response=\"00\"")]
    [InlineData("Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\", response=\"00\", nc=100000001")]
    [InlineData("Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\", response=\"00\", nc=1")]
    [InlineData("Digest =\"a\"")]
    public void TryParse_MalformedCredentials_AreRefused(string value) => Assert.False(DigestCredentials.TryParse(Bytes(value), out _));

    [Theory]
    [InlineData("Digest realm=\"r\", nonce=\"n\", algorithm=MD5, qop=\"auth-int,auth\", stale=TRUE, opaque=\"o\"", true, true)]
    [InlineData("Digest realm=\"\", nonce=\"n\"", false, false)]
    [InlineData("Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\", stale=false", false, false)]
    public void TryParse_Challenge_HasEveryPart(string value, bool offersAuth, bool stale)
    {
        Assert.True(DigestChallenge.TryParse(Bytes(value), out DigestChallenge challenge));
        Assert.Equal("n", Text(challenge.Nonce));
        Assert.Equal(DigestAlgorithm.Md5, challenge.Algorithm);
        Assert.Equal((offersAuth, stale), (challenge.OffersAuth, challenge.Stale));
    }

    [Theory]
    [InlineData("Digest nonce=\"n\"")]
    [InlineData("Digest realm=\"r\"")]
    [InlineData("Basic realm=\"r\"")]
    public void TryParse_MalformedChallenge_IsRefused(string value) => Assert.False(DigestChallenge.TryParse(Bytes(value), out _));

    private static List<JsonElement> ReadVectors()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(DataFolder, "vectors", "digest", "digest.json")));
        return [.. document.RootElement.EnumerateArray().Select(element => element.Clone())];
    }
}
