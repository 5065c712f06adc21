using System.Buffers.Text;
using Sip.Messages;

namespace Sip.Headers;

/// <summary>
/// Digest credentials: a value of Authorization or Proxy-Authorization (RFC 3261 section 22, RFC 7616 section 3.4, RFC 8760), as
/// slices. Values are without quotes; an absent parameter is empty.
/// </summary>
public readonly ref struct DigestCredentials
{
    /// <summary>Whose credentials they are.</summary>
    public ReadOnlySpan<byte> Username { get; private init; }

    /// <summary>The realm of the challenge.</summary>
    public ReadOnlySpan<byte> Realm { get; private init; }

    /// <summary>The nonce of the challenge.</summary>
    public ReadOnlySpan<byte> Nonce { get; private init; }

    /// <summary>The URI that was hashed; to be compared with the Request-URI.</summary>
    public ReadOnlySpan<byte> Uri { get; private init; }

    /// <summary>The answer, in hexadecimal.</summary>
    public ReadOnlySpan<byte> Response { get; private init; }

    /// <summary>The algorithm as written; empty means MD5.</summary>
    public ReadOnlySpan<byte> AlgorithmName { get; private init; }

    /// <summary>The algorithm.</summary>
    public DigestAlgorithm Algorithm => DigestHash.FindAlgorithm(AlgorithmName);

    /// <summary>The client's nonce.</summary>
    public ReadOnlySpan<byte> Cnonce { get; private init; }

    /// <summary>The nonce count as written: eight hexadecimal digits.</summary>
    public ReadOnlySpan<byte> Nc { get; private init; }

    /// <summary>The nonce count; 0 when absent.</summary>
    public uint NonceCount { get; private init; }

    /// <summary>The quality of protection: <c>auth</c>, <c>auth-int</c>, or empty for the scheme of RFC 2069.</summary>
    public ReadOnlySpan<byte> Qop { get; private init; }

    /// <summary>The opaque of the challenge.</summary>
    public ReadOnlySpan<byte> Opaque { get; private init; }

    /// <summary>
    /// Reads a value; false for any scheme but Digest, a malformed value, a parameter given twice, or one of username, realm,
    /// nonce, uri and response missing.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> value, out DigestCredentials credentials)
    {
        credentials = default;
        if (!DigestParams.TryCutScheme(value, out ReadOnlySpan<byte> text))
        {
            return false;
        }

        ReadOnlySpan<byte> username = default, realm = default, nonce = default, uri = default, response = default;
        ReadOnlySpan<byte> algorithm = default, cnonce = default, nc = default, qop = default, opaque = default;
        int seen = 0;
        DigestParams parameters = new(text);
        while (parameters.MoveNext())
        {
            ReadOnlySpan<byte> read = parameters.Current.Value;
            int which = Which(parameters.Current.Name);
            switch (which)
            {
                case 1: username = read; break;
                case 2: realm = read; break;
                case 3: nonce = read; break;
                case 4: uri = read; break;
                case 5: response = read; break;
                case 6: algorithm = read; break;
                case 7: cnonce = read; break;
                case 8: nc = read; break;
                case 9: qop = read; break;
                case 10: opaque = read; break;
                default: continue;
            }

            if ((seen & (1 << which)) != 0)
            {
                return false;
            }

            seen |= 1 << which;
        }

        const int Required = 0b111110;
        uint count = 0;
        if (parameters.IsBad || (seen & Required) != Required || (!nc.IsEmpty && !TryReadCount(nc, out count)))
        {
            return false;
        }

        credentials = new DigestCredentials
        {
            Username = username, Realm = realm, Nonce = nonce, Uri = uri, Response = response,
            AlgorithmName = algorithm, Cnonce = cnonce, Nc = nc, NonceCount = count, Qop = qop, Opaque = opaque,
        };
        return true;
    }

    private static int Which(ReadOnlySpan<byte> name) =>
        SipChars.EqualsIgnoreCase(name, "username"u8) ? 1
        : SipChars.EqualsIgnoreCase(name, "realm"u8) ? 2
        : SipChars.EqualsIgnoreCase(name, "nonce"u8) ? 3
        : SipChars.EqualsIgnoreCase(name, "uri"u8) ? 4
        : SipChars.EqualsIgnoreCase(name, "response"u8) ? 5
        : SipChars.EqualsIgnoreCase(name, "algorithm"u8) ? 6
        : SipChars.EqualsIgnoreCase(name, "cnonce"u8) ? 7
        : SipChars.EqualsIgnoreCase(name, "nc"u8) ? 8
        : SipChars.EqualsIgnoreCase(name, "qop"u8) ? 9
        : SipChars.EqualsIgnoreCase(name, "opaque"u8) ? 10 : 0;

    // nc-value = 8LHEX: more digits would wrap.
    private static bool TryReadCount(ReadOnlySpan<byte> text, out uint count) =>
        Utf8Parser.TryParse(text, out count, out int read, 'x') && read == 8 && text.Length == 8;
}
