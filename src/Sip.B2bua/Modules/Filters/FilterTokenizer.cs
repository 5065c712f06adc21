namespace Sip.B2bua.Modules.Filters;

/// <summary>
/// Cuts the text of a filter into words. Constants stand in single quotes and know no escape. Unlike Flexisip's, a parenthesis
/// inside a constant is just a character of it.
/// </summary>
internal static class FilterTokenizer
{
    /// <summary>Reads the word at <paramref name="at"/> and moves behind it.</summary>
    public static FilterToken Next(string text, ref int at)
    {
        while (at < text.Length && IsBlank(text[at]))
        {
            at++;
        }

        if (at == text.Length)
        {
            return new FilterToken(FilterTokenKind.End, at, "");
        }

        var start = at;
        var (kind, length) = Sign(text.AsSpan(start));
        if (kind != FilterTokenKind.Bad)
        {
            at += length;
            return new FilterToken(kind, start, text[start..at]);
        }

        if (text[start] == '\'')
        {
            var end = text.IndexOf('\'', start + 1);
            at = end < 0 ? text.Length : end + 1;
            return end < 0
                ? new FilterToken(FilterTokenKind.Bad, start, text[start..])
                : new FilterToken(FilterTokenKind.Constant, start, text[(start + 1)..end]);
        }

        while (at < text.Length && IsWord(text[at]))
        {
            at++;
        }

        if (at > start)
        {
            return new FilterToken(FilterTokenKind.Word, start, text[start..at]);
        }

        at++;
        return new FilterToken(FilterTokenKind.Bad, start, text[start..at]);
    }

    private static (FilterTokenKind Kind, int Length) Sign(ReadOnlySpan<char> rest) => rest switch
    {
        ['&', '&', ..] => (FilterTokenKind.And, 2),
        ['|', '|', ..] => (FilterTokenKind.Or, 2),
        ['=', '=', ..] => (FilterTokenKind.Equal, 2),
        ['!', '=', ..] => (FilterTokenKind.NotEqual, 2),
        ['!', ..] => (FilterTokenKind.Not, 1),
        ['(', ..] => (FilterTokenKind.Open, 1),
        [')', ..] => (FilterTokenKind.Close, 1),
        _ => (FilterTokenKind.Bad, 0),
    };

    private static bool IsBlank(char c) => c is ' ' or '\t' or '\r' or '\n';

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_';
}
