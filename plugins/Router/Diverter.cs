using System.Text;
using Sip.Uris;

namespace Sip.B2bua.Plugins.Router;

/// <summary>Finds the targets of a call that goes elsewhere: where a user has it diverted, to voicemail, or where a phone redirects it.</summary>
internal sealed class Diverter(TargetFinder finder, ILocalDomains domains)
{
    /// <summary>What became of a diversion.</summary>
    public enum Outcome
    {
        /// <summary>There is none.</summary>
        None,

        /// <summary>The call goes elsewhere.</summary>
        Diverted,

        /// <summary>It leads in a circle, or there were too many.</summary>
        TooMany,
    }

    /// <summary>Follows the diversions of a user, and of whom they lead to, that apply to every call.</summary>
    public Outcome FollowAlways(RouterCall call, RouterOptions options, UserDiversions users, DecisionTrail trail)
    {
        Outcome outcome = Outcome.None;
        while (call.Uri is null && users.Find(call.Address, DiversionKind.Always) is { } diversion)
        {
            Outcome step = Follow(call, options, diversion, 0, trail);
            if (step != Outcome.Diverted)
            {
                return step == Outcome.TooMany ? step : outcome;
            }

            outcome = step;
        }

        return outcome;
    }

    /// <summary>Follows what the user, or the server, wants to be done with a call that has failed.</summary>
    /// <param name="call">The call.</param>
    /// <param name="options">The settings.</param>
    /// <param name="users">What users want.</param>
    /// <param name="code">How it has failed.</param>
    /// <param name="trail">Where the reasons go.</param>
    public Outcome FollowFailure(RouterCall call, RouterOptions options, UserDiversions users, int code, DecisionTrail trail)
    {
        if (call.IsInVoicemail)
        {
            return Outcome.None;
        }

        DiversionKind? kind = code switch
        {
            486 or 600 => DiversionKind.Busy,
            408 or 480 => DiversionKind.Away,
            _ => null,
        };
        if (kind is { } applies && options.EnableCallDiversions && call.Uri is null && users.Find(call.Address, applies) is { } diversion)
        {
            Outcome outcome = Follow(call, options, diversion, code, trail);
            return outcome == Outcome.Diverted && call.Uri is null && FollowAlways(call, options, users, trail) == Outcome.TooMany
                ? Outcome.TooMany
                : outcome;
        }

        // RFC 4458 knows no cause for 480; for whoever called it is the same as nobody answering.
        int cause = code == 480 ? 408 : code;
        return options.VoicemailServer.Length > 0 && options.ForwardingStatusCodes.Contains(cause.ToString(System.Globalization.CultureInfo.InvariantCulture))
            ? GoToVoicemail(call, options, cause, trail)
            : Outcome.None;
    }

    /// <summary>Adds the targets of where the call goes now.</summary>
    public async ValueTask<TargetFinder.Found> AddAsync(RouterCall call, TargetFinder.Search to)
    {
        List<(string, string)> headers = Diverting.Headers(call.Hops, call.Carried);
        if (call.Uri is { } uri)
        {
            return await AddPlaceAsync(to, uri, headers);
        }

        if (headers.Count == 0)
        {
            return await finder.AddAsync(to, call.Address);
        }

        List<Target> found = [];
        TargetFinder.Found result = await finder.AddAsync(to with { Targets = found }, call.Address);
        to.Targets.AddRange(found.Select(target => target.With("", headers)));
        return result;
    }

    /// <summary>Adds the places that a phone redirects to: users of ours, or, for callers who may call there, anything else.</summary>
    public async ValueTask AddRedirectedAsync(FailureContext context, Target by)
    {
        DecisionTrail trail = context.Call.Trail;
        bool secure = IsSecure(context.Request.RequestUri);
        foreach (Target contact in context.Contacts)
        {
            if (!SipUri.TryParse(contact.UriBytes.Span, out SipUri uri) || (secure && !uri.IsSecure))
            {
                trail.Add("Router", "{0} redirects to {1}: not followed, no SIP URI or not a secure one", by, contact);
                continue;
            }

            bool ours = domains.IsServedDomain(uri.Host);
            if (!ours && domains.IsUs(uri.Host, uri.Port))
            {
                trail.Add("Router", "{0} redirects to {1}: not followed, it is this server", by, contact);
                continue;
            }

            if (!ours && context.Identity is null && !context.IsTrusted)
            {
                trail.Add("Router", "{0} redirects to {1}: not followed, nobody knows who calls", by, contact);
                continue;
            }

            List<(string, string)> headers = Diverting.Headers([new DiversionHop(by.AddressOfRecord!, contact.Uri, context.Code)], []);
            List<Target> found = [];
            await AddPlaceAsync(new TargetFinder.Search(found, trail, secure, IsLate: false), contact.Uri, headers);
            context.Targets.AddRange(found.Select(target => target.With("", target.Headers, contact.Q)));
        }
    }

    private static bool IsSecure(ReadOnlySpan<byte> requestUri) => SipUri.TryParse(requestUri, out SipUri uri) && uri.IsSecure;

    private Outcome Follow(RouterCall call, RouterOptions options, UserDiversion diversion, int code, DecisionTrail trail)
    {
        if (diversion.Uri is not { } uri)
        {
            return options.VoicemailServer.Length > 0 ? GoToVoicemail(call, options, code == 0 ? 302 : code == 480 ? 408 : code, trail) : Outcome.None;
        }

        AddressOfRecord.TryRead(Encoding.UTF8.GetBytes(uri), out string address);
        if (call.Diversions >= options.MaxCallDiversions || call.WasAt(address))
        {
            trail.Add("Router", "{0} diverts to {1}: a circle, or more than max-call-diversions", call.Address, uri);
            return Outcome.TooMany;
        }

        trail.Add("Router", diversion.Kind switch
        {
            DiversionKind.Always => "{0} diverts every call to {1}",
            DiversionKind.Busy => "{0} is busy and diverts to {1}",
            _ => "{0} is away and diverts to {1}",
        }, call.Address, uri);
        call.Diversions++;
        if (SipUri.TryParse(Encoding.UTF8.GetBytes(uri), out SipUri to) && domains.IsServedDomain(to.Host))
        {
            call.GoTo(address, uri, code);
        }
        else
        {
            call.GoAbroad(uri, code);
        }

        return Outcome.Diverted;
    }

    private static Outcome GoToVoicemail(RouterCall call, RouterOptions options, int cause, DecisionTrail trail)
    {
        call.IsInVoicemail = true;
        call.Diversions++;
        trail.Add("Router", "{0} goes to voicemail, cause {1}", call.Address, cause);
        call.GoAbroad(Diverting.ToVoicemail(options.VoicemailServer, "sip:" + call.Address, cause), cause);
        return Outcome.Diverted;
    }

    // A place of ours is looked up, any other is called as it stands. What the URI says beside the address goes along.
    private async ValueTask<TargetFinder.Found> AddPlaceAsync(TargetFinder.Search to, string uri, List<(string, string)> headers)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(uri);
        if (!IsOurs(bytes, out string address, out string parameters))
        {
            to.Targets.Add(new Target(uri) { Headers = headers });
            return TargetFinder.Found.Targets;
        }

        List<Target> found = [];
        TargetFinder.Found result = await finder.AddAsync(to with { Targets = found }, address);
        to.Targets.AddRange(found.Select(target => target.With(parameters, headers)));
        return result;
    }

    private bool IsOurs(byte[] bytes, out string address, out string parameters)
    {
        parameters = "";
        address = "";
        if (!SipUri.TryParse(bytes, out SipUri uri) || !domains.IsServedDomain(uri.Host) || !AddressOfRecord.TryRead(uri, out address))
        {
            return false;
        }

        string text = Encoding.UTF8.GetString(bytes);
        int target = text.IndexOf(";target=", StringComparison.Ordinal);
        parameters = target < 0 ? "" : text[target..];
        return true;
    }
}
