using Sip.Messages;

namespace Sip.Headers;

/// <summary>
/// The parameters behind a header value: <c>;name=value;name</c> (RFC 3261 section 25.1 generic-param). Made only by the headers'
/// own readers, which have checked the grammar, so that reading a parameter cannot fail.
/// </summary>
public readonly ref struct HeaderParams
{
    private readonly ReadOnlySpan<byte> text;

    internal HeaderParams(ReadOnlySpan<byte> text) => this.text = text;

    /// <summary>The parameters as written, from the first semicolon on.</summary>
    public ReadOnlySpan<byte> Text => text;

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => text.IsEmpty;

    /// <summary>
    /// Finds a parameter, its name in any case. <paramref name="value"/> is as written, quotes included; empty for a parameter
    /// without value. The first of two with one name counts.
    /// </summary>
    public bool TryGet(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        foreach (HeaderParam param in this)
        {
            if (SipChars.EqualsIgnoreCase(param.Name, name))
            {
                value = param.Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>Whether a parameter of that name is there, with a value or without.</summary>
    public bool Has(ReadOnlySpan<byte> name) => TryGet(name, out _);

    /// <summary>Walks the parameters in order.</summary>
    public Enumerator GetEnumerator() => new(text);

    /// <summary>
    /// Cuts the quotes of a quoted string off and gives what stands between, its backslashes untouched; any other text as it is.
    /// </summary>
    public static ReadOnlySpan<byte> Unquote(ReadOnlySpan<byte> value) =>
        value.Length >= 2 && value[0] == '"' && value[^1] == '"' ? value[1..^1] : value;

    /// <summary>
    /// Writes a quoted string without quotes and with its quoted pairs resolved. False when <paramref name="to"/> is too
    /// short; as long as <paramref name="value"/> is always enough.
    /// </summary>
    public static bool TryUnquote(ReadOnlySpan<byte> value, Span<byte> to, out int written)
    {
        ReadOnlySpan<byte> inner = Unquote(value);
        bool quoted = inner.Length != value.Length;
        written = 0;
        for (int i = 0; i < inner.Length; i++)
        {
            if (quoted && inner[i] == '\\' && i + 1 < inner.Length)
            {
                i++;
            }

            if (written == to.Length)
            {
                return false;
            }

            to[written++] = inner[i];
        }

        return true;
    }

    /// <summary>Checks the grammar of <paramref name="text"/>, which is empty or starts with a semicolon.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> text, out HeaderParams parameters)
    {
        parameters = default;
        text = SipChars.Trim(text);
        int at = 0;
        while (at < text.Length)
        {
            if (!Step(text, ref at, out _))
            {
                return false;
            }
        }

        parameters = new HeaderParams(text);
        return true;
    }

    /// <summary>
    /// Reads the parameter whose semicolon is at <paramref name="at"/> and moves behind it and the white space that follows.
    /// </summary>
    internal static bool Step(ReadOnlySpan<byte> text, scoped ref int at, out HeaderParam param)
    {
        param = default;
        if (text[at] != ';')
        {
            return false;
        }

        int nameStart = SipChars.SkipLws(text, at + 1);
        int nameEnd = nameStart;
        while (nameEnd < text.Length && SipChars.IsToken(text[nameEnd]))
        {
            nameEnd++;
        }

        if (nameEnd == nameStart)
        {
            return false;
        }

        param.Name = text[nameStart..nameEnd];
        at = SipChars.SkipLws(text, nameEnd);
        if (at == text.Length || text[at] != '=')
        {
            return true;
        }

        int valueStart = SipChars.SkipLws(text, at + 1);
        int valueEnd = ValueEnd(text, valueStart);
        if (valueEnd < 0)
        {
            return false;
        }

        param.Value = text[valueStart..valueEnd];
        at = SipChars.SkipLws(text, valueEnd);
        return true;
    }

    // After "=": a quoted string, or what reaches to the next delimiter. Nothing at all is read as a parameter without value.
    private static int ValueEnd(ReadOnlySpan<byte> text, int start)
    {
        if (start < text.Length && text[start] == '"')
        {
            return SipChars.SkipQuoted(text, start);
        }

        int end = start;
        while (end < text.Length && SipChars.IsParamValue(text[end]))
        {
            end++;
        }

        return end;
    }

    /// <summary>Walks parameters.</summary>
    public ref struct Enumerator
    {
        private readonly ReadOnlySpan<byte> text;
        private int at;
        private HeaderParam current;

        internal Enumerator(ReadOnlySpan<byte> text) => this.text = text;

        /// <summary>The parameter read last.</summary>
        public readonly HeaderParam Current => current;

        /// <summary>Reads the next parameter; false at the end.</summary>
        public bool MoveNext()
        {
            int next = at;
            bool found = next < text.Length && Step(text, ref next, out current);
            at = next;
            return found;
        }
    }
}
