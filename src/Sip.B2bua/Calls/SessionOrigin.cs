using System.Buffers.Text;
using Sip.Sdp;

namespace Sip.B2bua.Calls;

/// <summary>
/// Keeps the o= line of what one party is sent the same though it now comes from somebody else, or something of it went no further: a
/// description in a dialog belongs to the session before it, and its version grows by one when, and only when, something else changes
/// (RFC 3264 8).
/// </summary>
internal static class SessionOrigin
{
    /// <summary>The description that comes next in a session.</summary>
    /// <param name="sent">What the party was sent last; empty: nothing yet.</param>
    /// <param name="sdp">What it is to hear now.</param>
    public static ReadOnlySpan<byte> Continue(ReadOnlySpan<byte> sent, ReadOnlySpan<byte> sdp)
    {
        if (!TryFind(sent, out Range before) || !TryFind(sdp, out Range line) || !SdpOrigin.TryParse(sent[before][2..], out SdpOrigin origin))
        {
            return sdp;
        }

        if (AreOthersSame(sent, sdp))
        {
            return sent;
        }

        sent[before].Overlaps(origin.Version, out int at);
        _ = Utf8Parser.TryParse(origin.Version, out ulong version, out _);
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(version + 1, digits, out int length);
        return (byte[])[.. sdp[..line.Start], .. sent[before][..at], .. digits[..length], .. sent[before][(at + origin.Version.Length)..], .. sdp[line.End..]];
    }

    /// <summary>Whether two descriptions are the same but for the o= line, which only counts versions.</summary>
    public static bool AreOthersSame(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        _ = TryFind(one, out Range a);
        _ = TryFind(other, out Range b);
        return one[..a.Start].SequenceEqual(other[..b.Start]) && one[a.End..].SequenceEqual(other[b.End..]);
    }

    /// <summary>A hash of a description but for the o= line.</summary>
    public static int HashOthers(ReadOnlySpan<byte> sdp)
    {
        _ = TryFind(sdp, out Range line);
        HashCode hash = default;
        hash.AddBytes(sdp[..line.Start]);
        hash.AddBytes(sdp[line.End..]);
        return hash.ToHashCode();
    }

    private static bool TryFind(ReadOnlySpan<byte> sdp, out Range line)
    {
        int start = sdp.IndexOf("\no="u8) + 1;
        int length = sdp[start..].IndexOfAny((byte)'\r', (byte)'\n');
        bool found = start > 0 && length > 0;
        line = found ? start..(start + length) : default;
        return found;
    }
}
