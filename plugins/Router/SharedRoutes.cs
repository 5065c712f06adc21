using System.Text;
using Sip.Messages;
using Sip.Uris;

namespace Sip.B2bua.Plugins.Router;

/// <summary>
/// Flexisip's factorization: phones that stand behind the same two or more proxies are one target, the next proxy with the Request-URI as it
/// came. It is told their URIs in X-target-uris, and whoever knows them forks. Their answers come back as the early dialogs of one leg.
/// </summary>
internal static class SharedRoutes
{
    private const int LeastHops = 2;

    /// <summary>Joins the targets of a user that have one way.</summary>
    /// <param name="context">The INVITE, with its targets.</param>
    /// <param name="addressOfRecord">The user; targets of somebody else, where the call was diverted, stay as they are.</param>
    public static void Join(RequestContext context, string addressOfRecord)
    {
        List<Target> targets = context.Targets;
        for (int i = 0; i < targets.Count; i++)
        {
            Target first = targets[i];
            if (!MayJoin(first, addressOfRecord))
            {
                continue;
            }

            List<Target> same = targets.FindAll(other => MayJoin(other, addressOfRecord) && HasSameWay(first, other));
            if (same.Count > 1)
            {
                targets.RemoveAll(same.Contains);
                targets.Insert(i, Joined(context, same));
                context.Trail.Add("Router", "{0} phones behind {1} get one INVITE", same.Count, first.Route[0]);
            }
        }
    }

    private static bool MayJoin(Target target, string addressOfRecord) =>
        target is { Binding: not null, NextFlow: null, Headers.Count: 0 } && target.Route.Count >= LeastHops && target.AddressOfRecord == addressOfRecord;

    // Phones of lower q ring later, so they are not asked for together.
    private static bool HasSameWay(Target a, Target b) =>
        Math.Abs(a.Q - b.Q) < 0.0005f && a.Route.SequenceEqual(b.Route, StringComparer.Ordinal)
        && (a.Flow is { } x ? b.Flow is { } y && x.IsSameWay(y) : b.Flow is null);

    private static Target Joined(RequestContext context, List<Target> same) => new(RequestUriOf(context))
    {
        Flow = same[0].Flow,
        Route = same[0].Route,
        Q = same[0].Q,
        AddressOfRecord = same[0].AddressOfRecord,
        Headers = [(ListedTargets.Header, string.Join(", ", same.Select(target => $"<{WithoutPush(target)}>")))],
    };

    // Whom a trunk calls by a number at our own address, the next proxy knows by his address only.
    private static string RequestUriOf(RequestContext context)
    {
        ReadOnlySpan<byte> asked = context.Request.RequestUri;
        if (context.Called is not { } called)
        {
            return Encoding.UTF8.GetString(asked);
        }

        AddressOfRecord.Split(called, out string user, out string domain);
        Span<byte> plain = stackalloc byte[AddressOfRecord.MaxLength];
        Span<byte> escaped = stackalloc byte[3 * AddressOfRecord.MaxLength];
        bool isWritten = SipUris.TryUnescape(Encoding.UTF8.GetBytes(user), plain, out int length)
            & SipUris.TryEscapeUser(plain[..length], escaped, out int written);
        string scheme = SipUri.TryParse(asked, out SipUri uri) && uri.IsSecure ? "sips:" : "sip:";
        return isWritten ? $"{scheme}{(written > 0 ? Encoding.UTF8.GetString(escaped[..written]) + "@" : "")}{domain}" : scheme + called;
    }

    // RFC 8599 and what came before it: by these whoever reads them could wake the phone, or pretend to.
    private static string WithoutPush(Target target)
    {
        if (!SipUri.TryParse(target.UriBytes.Span, out SipUri uri) || uri.Params.IsEmpty)
        {
            return target.Uri;
        }

        string text = target.Uri;
        foreach (Range part in uri.Params.Split((byte)';'))
        {
            ReadOnlySpan<byte> parameter = uri.Params[part];
            if (SipChars.StartsWithIgnoreCase(parameter, "pn-"u8) || SipChars.StartsWithIgnoreCase(parameter, "app-id"u8))
            {
                text = text.Replace(";" + Encoding.UTF8.GetString(parameter), "", StringComparison.Ordinal);
            }
        }

        return text;
    }
}
