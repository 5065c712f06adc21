using System.Text;
using Sip.Headers;
using Sip.Messages;
using Sip.Uris;

namespace Sip.B2bua.Plugins.Trunks;

/// <summary>Makes the targets of a request that goes to a trunk: one for each of its servers that is up, with the trunk's caller id.</summary>
internal static class TrunkTargets
{
    private const string Anonymous = "\"Anonymous\" <sip:anonymous@anonymous.invalid>";

    /// <summary>Adds them, each with a lower q than the one before.</summary>
    /// <param name="context">The request.</param>
    /// <param name="trunk">The trunk.</param>
    /// <param name="user">The user of the Request-URI.</param>
    /// <param name="q">The q of the next target.</param>
    public static void Add(RequestContext context, Trunk trunk, ReadOnlySpan<byte> user, ref float q)
    {
        TrunkSettings settings = trunk.Settings;
        if (trunk.IsFull)
        {
            context.Trail.Add("Forward", "trunk {0} is left out: it has its {1} calls", settings.Name, settings.MaxCalls);
            return;
        }

        string called = Encoding.UTF8.GetString(user);
        string from = FromOf(context, settings, out bool isAnonymous);
        IReadOnlyList<(string, string)> headers = settings.IsTrusted ? Assert(context, settings, isAnonymous) : [];
        foreach (TrunkPeer peer in trunk.Peers)
        {
            if (!peer.IsUsable)
            {
                context.Trail.Add("Forward", peer.IsUp ? "{0} is left out: not registered there" : "{0} is left out: it is down", peer.Uri);
                continue;
            }

            (string requestUri, IReadOnlyList<string> route) = peer.AddressOf(called);
            context.Targets.Add(new Target(requestUri)
            {
                Route = route,
                Peer = settings.Name,
                Identity = settings.Identity,
                Credentials = settings.Credentials,
                From = from,
                To = $"<sip:{called}@{settings.Domain}>",
                Headers = headers,
                Q = q,
            });
            q -= Step;
        }
    }

    /// <summary>How much the q of each further way is lower.</summary>
    public const float Step = 0.01f;

    private static string FromOf(RequestContext context, TrunkSettings settings, out bool isAnonymous)
    {
        SipUri uri = default;

        // RFC 3323 4.1, 4.2: who does not want to be known is not made known.
        isAnonymous = !NameAddr.TryParse(context.Request.From, out NameAddr address) || !SipUri.TryParse(address.Uri, out uri)
            || SipChars.EqualsIgnoreCase(uri.Host, "anonymous.invalid"u8) || WantsPrivacy(context.Request);
        if (isAnonymous)
        {
            return Anonymous;
        }

        string user = settings.CallerId == CallerId.Caller ? Encoding.UTF8.GetString(uri.User) : settings.User;
        string name = Encoding.UTF8.GetString(address.DisplayName);
        return $"{(name.Length > 0 ? name + " " : "")}<sip:{(user.Length > 0 ? user + "@" : "")}{settings.Domain}>";
    }

    private static bool WantsPrivacy(SipMessage request)
    {
        ReadOnlySpan<byte> privacy = request.First(HeaderId.Privacy);
        return !privacy.IsEmpty && !SipChars.EqualsIgnoreCase(privacy, "none"u8);
    }

    // RFC 3325 5: only towards somebody whom we trust; with the wish that it goes no further.
    private static IReadOnlyList<(string Name, string Value)> Assert(RequestContext context, TrunkSettings settings, bool isAnonymous)
    {
        if (context.Identity is not { } identity)
        {
            return [];
        }

        AddressOfRecord.Split(identity, out string user, out _);
        byte[] plain = Encoding.UTF8.GetBytes(user);
        Span<byte> escaped = stackalloc byte[1024];
        if (!SipUris.TryEscapeUser(plain, escaped, out int length))
        {
            return [];
        }

        string value = $"<sip:{Encoding.ASCII.GetString(escaped[..length])}@{settings.Domain}>";
        return isAnonymous ? [("P-Asserted-Identity", value), ("Privacy", "id")] : [("P-Asserted-Identity", value)];
    }
}
