using Sip.Messages;

namespace Sip.Uris;

/// <summary>Equality of telephone numbers (RFC 3966 section 4).</summary>
public static class TelUriComparer
{
    /// <summary>Whether the two are the same number. False when one cannot be read.</summary>
    public static bool Equal(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) =>
        TelUri.TryParse(a, out TelUri x) && TelUri.TryParse(b, out TelUri y)
        && x.IsGlobal == y.IsGlobal && SameDigits(x.Number, y.Number) && SameParams(x.Params, y.Params);

    // Every parameter of one must be in the other; order and case are of no account.
    private static bool SameParams(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        int countA = Count(a);
        if (countA != Count(b))
        {
            return false;
        }

        // Each is looked for among all: bounded, so that nobody can make it slow.
        return countA > SipUriComparer.MaxParts ? a.SequenceEqual(b) : Contains(a, b) && Contains(b, a);
    }

    private static bool Contains(ReadOnlySpan<byte> all, ReadOnlySpan<byte> wanted)
    {
        foreach (UriPart part in new UriParts(wanted, (byte)';'))
        {
            bool found = false;
            foreach (UriPart other in new UriParts(all, (byte)';'))
            {
                found |= SipUris.EqualUnescaped(part.Name, other.Name) && SameValue(part.Name, part.Value, other.Value);
            }

            if (!found)
            {
                return false;
            }
        }

        return true;
    }

    private static bool SameValue(ReadOnlySpan<byte> name, ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        bool isNumber = SipChars.EqualsIgnoreCase(name, "ext"u8) || (SipChars.EqualsIgnoreCase(name, "phone-context"u8) && a is [(byte)'+', ..]);
        return isNumber ? SameDigits(a, b) : SipUris.EqualUnescaped(a, b);
    }

    private static bool SameDigits(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        int i = 0;
        int j = 0;
        while (true)
        {
            while (i < a.Length && TelUri.IsSeparator(a[i]))
            {
                i++;
            }

            while (j < b.Length && TelUri.IsSeparator(b[j]))
            {
                j++;
            }

            if (i == a.Length || j == b.Length)
            {
                return i == a.Length && j == b.Length;
            }

            if (!SipChars.EqualsIgnoreCase(a.Slice(i++, 1), b.Slice(j++, 1)))
            {
                return false;
            }
        }
    }

    private static int Count(ReadOnlySpan<byte> text)
    {
        int count = 0;
        foreach (UriPart _ in new UriParts(text, (byte)';'))
        {
            count++;
        }

        return count;
    }
}
