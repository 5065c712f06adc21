using System.Globalization;
using System.Text;

namespace Sip.B2bua.Plugins.Router;

/// <summary>One step of a diversion.</summary>
/// <param name="From">The address-of-record that it was for.</param>
/// <param name="To">The URI that it went to.</param>
/// <param name="Code">Why; 0: always.</param>
internal readonly record struct DiversionHop(string From, string To, int Code);

/// <summary>What the INVITE of a diverted call tells whoever gets it: whose call it was, and why it comes.</summary>
internal static class Diverting
{
    /// <summary>Appends the parameters that tell a voicemail server whose box to open and why (RFC 4458).</summary>
    /// <param name="uri">The server.</param>
    /// <param name="target">The URI that was called.</param>
    /// <param name="cause">The status code.</param>
    public static string ToVoicemail(string uri, string target, int cause)
    {
        StringBuilder text = new(uri);
        text.Append(";target=");
        foreach (byte octet in Encoding.UTF8.GetBytes(target))
        {
            // 19.1.1, 25.1: what a parameter of a URI may hold as it is.
            char c = (char)octet;
            text.Append(char.IsAsciiLetterOrDigit(c) || "-_.!~*'()[]/:&+$".Contains(c, StringComparison.Ordinal)
                ? c.ToString()
                : "%" + octet.ToString("X2", CultureInfo.InvariantCulture));
        }

        return text.Append(";cause=").Append(cause.ToString(CultureInfo.InvariantCulture)).ToString();
    }

    /// <summary>The headers of an INVITE that was meant for somebody else: Diversion (RFC 5806) and History-Info (RFC 7044).</summary>
    /// <param name="hops">The way, oldest first.</param>
    /// <param name="carried">What the request has of them already, if it is believed.</param>
    public static List<(string Name, string Value)> Headers(IReadOnlyList<DiversionHop> hops, IReadOnlyList<(string Name, string Value)> carried)
    {
        List<(string, string)> headers = [];
        for (int i = hops.Count - 1; i >= 0; i--)
        {
            headers.Add(("Diversion", $"<sip:{hops[i].From}>;reason={Reason(hops[i].Code)};counter=1")); // RFC 5806 section 5: the newest first
        }

        headers.AddRange(carried);
        string index = "1";
        foreach (DiversionHop hop in hops)
        {
            // RFC 7044 section 10.2: the entry that was retargeted says why, the next is one level deeper.
            int cause = hop.Code == 0 ? 302 : hop.Code;
            headers.Add(("History-Info", string.Create(CultureInfo.InvariantCulture, $"<sip:{hop.From}?Reason=SIP%3Bcause%3D{cause}>;index={index}")));
            index += ".1";
        }

        if (hops.Count > 0)
        {
            headers.Add(("History-Info", $"<{WithoutHeaders(hops[^1].To)}>;index={index};mp={index[..^2]}"));
        }

        return headers;
    }

    // RFC 5806 section 4.
    private static string Reason(int code) => code switch
    {
        0 => "unconditional",
        >= 300 and < 400 => "deflection",
        486 or 600 => "user-busy",
        408 => "no-answer",
        480 => "unavailable",
        603 => "do-not-disturb",
        _ => "unknown",
    };

    private static string WithoutHeaders(string uri) => uri.Split('?')[0];
}
