using System.Text;

namespace Sip.B2bua.Configuration;

/// <summary>Makes keys out of C# names.</summary>
internal static class SettingName
{
    /// <summary>
    /// Kebab-case. A word begins at a capital behind a small letter or digit, at the last capital of several, and at a digit behind
    /// a small letter: <c>MaxContactsByAor</c>, <c>TLSCiphers</c>, <c>No403</c>, <c>H264Filter</c> are
    /// <c>max-contacts-by-aor</c>, <c>tls-ciphers</c>, <c>no-403</c>, <c>h264-filter</c>.
    /// </summary>
    public static string Kebab(string name)
    {
        var text = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            if (i > 0 && BeginsWord(name[i - 1], c, i + 1 < name.Length ? name[i + 1] : '\0'))
            {
                text.Append('-');
            }

            text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }

    private static bool BeginsWord(char before, char c, char next) =>
        (char.IsAsciiLetterUpper(c) && (!char.IsAsciiLetterUpper(before) || char.IsAsciiLetterLower(next)))
        || (char.IsAsciiDigit(c) && char.IsAsciiLetterLower(before));
}
