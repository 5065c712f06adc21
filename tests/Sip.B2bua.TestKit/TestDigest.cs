using System.Security.Cryptography;
using System.Text;

namespace Sip.B2bua.TestKit;

/// <summary>Answers challenges (RFC 7616) for a <see cref="TestPhone"/>.</summary>
public static class TestDigest
{
    /// <summary>The header line that answers a 401 or 407.</summary>
    /// <param name="challenge">The response.</param>
    /// <param name="method">The method of the request.</param>
    /// <param name="uri">Its Request-URI.</param>
    /// <param name="user">The user.</param>
    /// <param name="password">The password.</param>
    /// <param name="count">How often the nonce was used, this time included.</param>
    public static string Authorization(TestMessage challenge, string method, string uri, string user, string password, int count = 1)
    {
        ArgumentNullException.ThrowIfNull(challenge);
        string asked = challenge.Header(challenge.Code == 401 ? "WWW-Authenticate" : "Proxy-Authenticate");
        string realm = Value(asked, "realm");
        string nonce = Value(asked, "nonce");
        string response = Hash($"{Hash($"{user}:{realm}:{password}")}:{nonce}:{count:x8}:c0ffee:auth:{Hash($"{method}:{uri}")}");
        string name = challenge.Code == 401 ? "Authorization" : "Proxy-Authorization";
        return $"{name}: Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", response=\"{response}\", "
            + $"algorithm=MD5, cnonce=\"c0ffee\", qop=auth, nc={count:x8}";
    }

    /// <summary>The value of a parameter of a challenge, without its quotes.</summary>
    public static string Value(string challenge, string name)
    {
        ArgumentNullException.ThrowIfNull(challenge);
        int at = challenge.IndexOf(name + "=\"", StringComparison.OrdinalIgnoreCase);
        return at < 0 ? "" : challenge[(at + name.Length + 2)..].Split('"')[0];
    }

#pragma warning disable CA5351 // What the protocol says.
    private static string Hash(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5351
}
