using System.Buffers.Text;
using Sip.Sdp;

namespace Sip.B2bua.Calls;

/// <summary>
/// Keeps the o= line of what one party is sent the same though it now comes from somebody else: a description in a dialog belongs to
/// the session before it, and its version grows when, and only when, something else changes (RFC 3264 8).
/// </summary>
internal sealed class SessionOrigin
{
    private readonly byte[] head = [];
    private readonly byte[] tail = [];
    private byte[] last;
    private ulong version;

    /// <summary>Goes on from what was sent last.</summary>
    public SessionOrigin(ReadOnlySpan<byte> sent)
    {
        last = sent.ToArray();
        if (!TryFind(sent, out Range line) || !SdpOrigin.TryParse(sent[line][2..], out SdpOrigin origin))
        {
            return;
        }

        int at = sent[line].IndexOf(origin.SessionId) + origin.SessionId.Length;
        head = [.. sent[line][..at], (byte)' '];
        tail = sent[line][(at + 1 + origin.Version.Length)..].ToArray();
        _ = Utf8Parser.TryParse(origin.Version, out version, out _);
    }

    /// <summary>The same description as the next one of the session.</summary>
    public ReadOnlySpan<byte> Continue(ReadOnlySpan<byte> sdp)
    {
        if (head.Length == 0 || !TryFind(sdp, out Range line))
        {
            return sdp;
        }

        bool same = TryFind(last, out Range before) && last.AsSpan(..before.Start).SequenceEqual(sdp[..line.Start])
            && last.AsSpan(before.End..).SequenceEqual(sdp[line.End..]);
        if (!same)
        {
            version++;
            Span<byte> digits = stackalloc byte[20];
            Utf8Formatter.TryFormat(version, digits, out int length);
            last = [.. sdp[..line.Start], .. head, .. digits[..length], .. tail, .. sdp[line.End..]];
        }

        return last;
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
