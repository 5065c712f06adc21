using System.Text;
using Sip.Headers;
using Sip.Messages;

namespace Sip.B2bua.Plugins.Authentication;

/// <summary>A 401 or 407's headers: one challenge for each algorithm, all with one nonce (RFC 8760 §2.4).</summary>
/// <param name="Header">WWW-Authenticate or Proxy-Authenticate.</param>
/// <param name="Realm">The realm.</param>
/// <param name="Algorithms">The algorithms, preferred first.</param>
/// <param name="IsStale">Whether the phone may simply try again with the new nonce.</param>
/// <param name="WithQop">Whether to offer qop.</param>
/// <param name="Nonces">Makes the nonce.</param>
internal sealed record Challenge(HeaderId Header, string Realm, DigestAlgorithms Algorithms, bool IsStale, bool WithQop, Nonces Nonces)
{
    /// <summary>Writes the headers; the state is a <see cref="Challenge"/>.</summary>
    public static void Write(ref SipWriter writer, object? state) => ((Challenge)state!).Write(ref writer);

    private void Write(ref SipWriter writer)
    {
        Span<byte> nonce = stackalloc byte[Nonces.Length];
        Nonces.Write(Realm, nonce);
        for (int i = 0; i < Algorithms.Count; i++)
        {
            writer.BeginHeader(Header);
            writer.Append("Digest realm=\""u8);
            AppendQuoted(ref writer, Realm);
            writer.Append("\", nonce=\""u8);
            writer.Append(nonce);
            writer.Append("\", algorithm="u8);
            writer.Append(DigestHash.Name(Algorithms[i]));
            writer.Append(WithQop ? ", qop=\"auth\""u8 : ""u8);
            writer.Append(IsStale ? ", stale=true"u8 : ""u8);
            writer.EndHeader();
        }
    }

    private static void AppendQuoted(ref SipWriter writer, string text)
    {
        foreach (byte c in Encoding.UTF8.GetBytes(text))
        {
            if (c is (byte)'"' or (byte)'\\')
            {
                writer.Append((byte)'\\');
            }

            writer.Append(c);
        }
    }
}
