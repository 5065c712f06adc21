using System.Text;

namespace Sip.Messages;

/// <summary>
/// Texts that come again and again, such as addresses, domains and User-Agents, as one string each: what was read a while ago is given
/// once more instead of a new copy. Each thread has its own, which grows with what it meets up to a limit; a text that is not there, or is
/// long, is simply made.
/// </summary>
public static class KnownTexts
{
    private const int FewestPlaces = 1024;
    private const int MostPlaces = 65536; // some 6 MB of addresses for each loop
    private const int MaxLength = 96;

    [ThreadStatic]
    private static string?[]? known;

    [ThreadStatic]
    private static int pushedOut;

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

        string?[] places = known ??= new string?[FewestPlaces];
        int place = PlaceOf(text, places);
        if (places[place] is { } first && text.SequenceEqual(first))
        {
            return first;
        }

        if (places[place + 1] is { } second && text.SequenceEqual(second))
        {
            return second;
        }

        string made = text.ToString();
        Put(made, places, place);
        return made;
    }

    /// <summary>Forgets the texts of this thread, after a burst that is over.</summary>
    public static void Clear() => (known, pushedOut) = (null, 0);

    // Each text has two places: the newer of what meets there pushes the older one out. The one that makes it grow comes in the next time.
    private static void Put(string text, string?[] places, int place)
    {
        if (places[place + 1] is not null && ++pushedOut > places.Length / 4 && places.Length < MostPlaces)
        {
            known = Grown(places);
            pushedOut = 0;
            return;
        }

        places[place + 1] = places[place];
        places[place] = text;
    }

    private static string?[] Grown(string?[] places)
    {
        string?[] grown = new string?[places.Length * 2];
        foreach (string? text in places)
        {
            if (text is not null)
            {
                int place = PlaceOf(text, grown);
                grown[place] ??= text;
                grown[place + 1] = ReferenceEquals(grown[place], text) ? grown[place + 1] : text;
            }
        }

        return grown;
    }

    private static int PlaceOf(ReadOnlySpan<char> text, string?[] places) => (int)((uint)string.GetHashCode(text) % (uint)(places.Length / 2)) * 2;
}
