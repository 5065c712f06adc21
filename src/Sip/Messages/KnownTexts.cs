using System.Text;

namespace Sip.Messages;

/// <summary>
/// Texts that come again and again, such as addresses, domains and User-Agents, as one string each: what was read a moment ago is given
/// once more instead of a new copy. Of fixed size, each thread its own; a text that is not there, or is long, is simply made.
/// </summary>
public static class KnownTexts
{
    private const int Places = 4096;
    private const int MaxLength = 96;

    [ThreadStatic]
    private static string?[]? known;

    /// <summary>The text of some octets.</summary>
    /// <param name="utf8">The octets, UTF-8.</param>
    public static string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MaxLength || !Ascii.IsValid(utf8))
        {
            return Encoding.UTF8.GetString(utf8);
        }

        Span<char> text = stackalloc char[MaxLength];
        return Get(text[..Encoding.ASCII.GetChars(utf8, text)]);
    }

    /// <summary>The text of some characters.</summary>
    /// <param name="text">The characters.</param>
    public static string Get(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text.Length > MaxLength)
        {
            return text.ToString();
        }

        // Each text has one place: whoever sends texts that meet there costs us a copy, and nothing else.
        ref string? place = ref (known ??= new string?[Places])[(uint)string.GetHashCode(text) % Places];
        return place is not null && text.SequenceEqual(place) ? place : place = text.ToString();
    }
}
