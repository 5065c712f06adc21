using System.Text;
using Sip.Headers;
using Sip.Messages;

namespace Sip.B2bua.Plugins.Router;

/// <summary>Flexisip's header with the URIs that a proxy before us has found for the Request-URI: they are looked up in its place.</summary>
internal static class ListedTargets
{
    /// <summary>Its name.</summary>
    public const string Header = "X-target-uris";

    // As many as an address may have bindings; who lists more is not one of ours.
    private const int Most = 64;

    /// <summary>The URIs; empty where the header is missing or who sends it is not trusted.</summary>
    public static IReadOnlyList<string> Read(RequestContext context)
    {
        ReadOnlySpan<byte> list = Find(context);
        if (list.IsEmpty)
        {
            return [];
        }

        List<string> uris = [];
        while (!list.IsEmpty && uris.Count < Most)
        {
            int end = HeaderValues.ElementEnd(list); // a comma may stand in a URI (RFC 3261 20.10)
            if (NameAddr.TryParse(SipChars.Trim(list[..end]), out NameAddr one))
            {
                uris.Add(Encoding.UTF8.GetString(one.Uri));
            }

            list = list[Math.Min(end + 1, list.Length)..];
        }

        return uris;
    }

    /// <summary>The same header for who is asked when none of them has taken the request.</summary>
    public static IReadOnlyList<(string Name, string Value)> Again(RequestContext context) =>
        Find(context) is { IsEmpty: false } list ? [(Header, Encoding.UTF8.GetString(list))] : [];

    private static ReadOnlySpan<byte> Find(RequestContext context) => context.IsTrusted ? context.Request.Find("X-target-uris"u8) : default;
}
