using System.Text.RegularExpressions;

namespace Sip.B2bua.RealTests.Phones;

/// <summary>A SIP message that a phone has sent or received, from its own trace.</summary>
internal sealed partial record TracedMessage(bool Received, string Text)
{
    /// <summary>Cuts what was read from a connection at once into its messages.</summary>
    public static IEnumerable<TracedMessage> Split(bool received, string text) =>
        Start().Split(text).Where(part => part.Trim().Length > 0).Select(part => new TracedMessage(received, part));

    /// <summary>The request line or status line.</summary>
    public string StartLine => Text.Split('\n', 2)[0].TrimEnd();

    /// <summary>The method of a request, else that of CSeq.</summary>
    public string Method => IsResponse ? Header("CSeq").Split(' ', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "" : StartLine.Split(' ')[0];

    /// <summary>Whether it is a response.</summary>
    public bool IsResponse => StartLine.StartsWith("SIP/2.0 ", StringComparison.Ordinal);

    /// <summary>The status code of a response, 0 for a request.</summary>
    public int Code => IsResponse && int.TryParse(StartLine.Split(' ')[1], out int code) ? code : 0;

    /// <summary>The names of its headers, in order.</summary>
    public IEnumerable<string> HeaderNames => HeaderLines.Select(line => line.Split(':', 2)[0].Trim());

    [GeneratedRegex(@"^(?=SIP/2\.0 \d{3} |[A-Z]+ sips?:\S+ SIP/2\.0)", RegexOptions.Multiline)]
    private static partial Regex Start();

    private IEnumerable<string> HeaderLines =>
        Text.Split('\n').Skip(1).Select(line => line.TrimEnd('\r')).TakeWhile(line => line.Length > 0);

    /// <summary>The value of the first header of that name, or empty.</summary>
    public string Header(string name) =>
        HeaderLines.Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))
            .Select(line => line[(name.Length + 1)..].Trim()).FirstOrDefault() ?? "";
}
