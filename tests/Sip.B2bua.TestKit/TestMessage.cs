using System.Globalization;

namespace Sip.B2bua.TestKit;

/// <summary>A SIP message as a test reads it: plain text, split into its parts by a parser that shares nothing with the server's.</summary>
public sealed class TestMessage
{
    private static readonly Dictionary<string, string> LongNames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["v"] = "Via", ["f"] = "From", ["t"] = "To", ["i"] = "Call-ID", ["m"] = "Contact", ["l"] = "Content-Length", ["c"] = "Content-Type",
        ["k"] = "Supported", ["s"] = "Subject", ["e"] = "Content-Encoding", ["x"] = "Session-Expires", ["r"] = "Refer-To", ["b"] = "Referred-By",
    };

    private readonly List<(string Name, string Value)> headers = [];

    private TestMessage(string text, TimeSpan at)
    {
        Text = text;
        At = at;
        int end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        Body = end < 0 ? "" : text[(end + 4)..];
        string[] lines = (end < 0 ? text : text[..end]).Replace("\r\n ", " ", StringComparison.Ordinal).Split("\r\n");
        StartLine = lines[0];
        string[] words = StartLine.Split(' ', 3);
        IsRequest = words[0] != "SIP/2.0";
        Code = IsRequest ? 0 : int.Parse(words[1], CultureInfo.InvariantCulture);
        Reason = IsRequest ? "" : words[2];
        RequestUri = IsRequest ? words[1] : "";
        foreach (string line in lines.Skip(1))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string name = line[..colon].Trim();
            headers.Add((LongNames.GetValueOrDefault(name, name), line[(colon + 1)..].Trim()));
        }
    }

    /// <summary>The whole message.</summary>
    public string Text { get; }

    /// <summary>When it came, in the clock's elapsed time.</summary>
    public TimeSpan At { get; }

    /// <summary>The request line or status line.</summary>
    public string StartLine { get; }

    /// <summary>Whether it is a request.</summary>
    public bool IsRequest { get; }

    /// <summary>The status code of a response, 0 for a request.</summary>
    public int Code { get; }

    /// <summary>The reason phrase of a response.</summary>
    public string Reason { get; }

    /// <summary>The Request-URI of a request.</summary>
    public string RequestUri { get; }

    /// <summary>The method of a request, or of the request that a response answers.</summary>
    public string Method => IsRequest ? StartLine.Split(' ')[0] : Header("CSeq").Split(' ')[^1];

    /// <summary>The number in CSeq.</summary>
    public int CSeq => int.Parse(Header("CSeq").Split(' ')[0], CultureInfo.InvariantCulture);

    /// <summary>The Call-ID.</summary>
    public string CallId => Header("Call-ID");

    /// <summary>The tag of From.</summary>
    public string FromTag => Parameter(Header("From"), "tag");

    /// <summary>The tag of To, or "".</summary>
    public string ToTag => Parameter(Header("To"), "tag");

    /// <summary>The branch of the topmost Via.</summary>
    public string Branch => Parameter(Header("Via"), "branch");

    /// <summary>The URI of Contact, or "".</summary>
    public string ContactUri => UriOf(Header("Contact"));

    /// <summary>The body.</summary>
    public string Body { get; }

    /// <summary>Reads a message.</summary>
    /// <param name="text">The message, its lines ended by CRLF.</param>
    /// <param name="at">When it came.</param>
    public static TestMessage Read(string text, TimeSpan at = default) => new(text, at);

    /// <summary>The URI of an address such as <c>"Bob" &lt;sip:bob@example.org&gt;;tag=1</c>.</summary>
    public static string UriOf(string address)
    {
        int open = address.IndexOf('<', StringComparison.Ordinal);
        return open < 0 ? address.Split(';')[0].Trim() : address[(open + 1)..address.IndexOf('>', open)];
    }

    /// <summary>The value of a parameter behind an address or a Via, or "".</summary>
    public static string Parameter(string value, string name)
    {
        int behind = value.LastIndexOf('>') + 1;
        foreach (string parameter in value[behind..].Split(';').Skip(1))
        {
            string[] pair = parameter.Split('=', 2);
            if (pair[0].Trim().Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return pair.Length > 1 ? pair[1].Trim() : "";
            }
        }

        return "";
    }

    /// <summary>The first value of a header, or "".</summary>
    public string Header(string name) => Headers(name).FirstOrDefault("");

    /// <summary>The values of a header, one for each line.</summary>
    public IEnumerable<string> Headers(string name) =>
        headers.Where(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(h => h.Value);

    /// <summary>Whether there is such a header.</summary>
    public bool Has(string name) => Headers(name).Any();

    /// <inheritdoc/>
    public override string ToString() => Text;
}
