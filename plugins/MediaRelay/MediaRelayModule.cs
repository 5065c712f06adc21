using System.Composition;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using Sip.Messages;
using Sip.Sdp;
using Sip.Transports;

namespace Sip.B2bua.Plugins.MediaRelay;

/// <summary>
/// Makes the server the media peer of every phone, so that audio works through NAT and between transports, and no phone learns
/// another's address. A thin adapter: what a call is comes from the contract, what a relay does is in <see cref="RelayEngine"/>.
/// </summary>
[SipModule("MediaRelay", Stage.Media, 10, Options = typeof(MediaRelayOptions),
    Help = "Relays the media of calls. Each phone sends to the server and hears the server, whatever stands in between; "
        + "media is taken only from where signalling allows.")]
[Shared]
internal sealed class MediaRelayModule : SipModule, IDisposable
{
    private const string Name = "MediaRelay";
    private static readonly TimeSpan LookForIdleCalls = TimeSpan.FromSeconds(10);

    private readonly ISettings<MediaRelayOptions> settings;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private RelayEngine? engine;
    private ITimer? idleTimer;

    [ImportingConstructor]
    public MediaRelayModule(ISettings<MediaRelayOptions> settings, TimeProvider time, ILoggerFactory loggers)
    {
        this.settings = settings;
        this.time = time;
        logger = loggers.CreateLogger(Name);
    }

    /// <summary>The relay, once started.</summary>
    internal RelayEngine? Engine => engine;

    public override ValueTask StartAsync(CancellationToken cancellation)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("The media relay runs on Linux only: switch it off with enabled=false in [module::MediaRelay].");
        }

        MediaRelayOptions options = settings.Value;
        engine = new RelayEngine(options, time, logger) { ToneHeard = TellKey };
        engine.Start();
        idleTimer = time.CreateTimer(_ => EndIdleCalls(), null, LookForIdleCalls, LookForIdleCalls);
        RelayLog.Started(logger, engine.Ports.Capacity, options.SdpPortRange.Min, options.SdpPortRange.Max, engine.Threads.Length);
        return ValueTask.CompletedTask;
    }

    public override ValueTask StopAsync(CancellationToken cancellation)
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        idleTimer?.Dispose();
        engine?.Dispose();
        engine = null;
    }

    public override void OnSession(SessionContext context)
    {
        if (engine is null || context.Sdp.IsEmpty)
        {
            return;
        }

        CallMedia? media = Media(context.Call) ?? Open(context);
        if (media is null)
        {
            context.Call.Trail.Add(Name, "refused: {0} calls are relayed already", engine.SessionCount);
            context.Refuse(503, "Maximum number of calls reached");
            return;
        }

        RelayLeg from = Leg(media, context, context.From);
        RelayLeg to = Leg(media, context, context.To);
        if (context.Call.IsAnswered)
        {
            Answered(media, from == media.Session.Front ? to : from); // whose answer brings the first session of the call, as an offer
        }

        if (!context.IsOffer && IsParty(context.Call, context.From) && IsParty(context.Call, context.To))
        {
            from.IsWaiting = false; // it answers whom it is to talk to: nobody else has to agree
        }

        SdpOutput output = new(context);
        RelayOutcome outcome = context.IsOffer
            ? media.Session.Offer(from, to, context.Sdp, output)
            : media.Session.Answer(from, to, context.Sdp, output);
        Conclude(context, media, from, outcome, output);
        if (outcome == RelayOutcome.Relayed && context.IsEarly && from != media.Session.Front && from is { Partner: null, IsWaiting: false })
        {
            ChooseEarlyMedia(media, from);
        }
    }

    public override void OnCallEvent(ICall call, ILeg from, CallEventKind kind)
    {
        if (Media(call) is not { } media || media.Find(from) is not { } leg)
        {
            return;
        }

        if (kind == CallEventKind.Answer && call.IsAnswered)
        {
            Answered(media, leg);
        }
        else if (kind == CallEventKind.Fail && (media.IsAnswered || leg == media.Session.Front || leg.HasAnswered))
        {
            RelaySession.Reject(Offerer(media.Session, refusing: leg));
        }
    }

    public override void OnMessage(MessageContext context)
    {
        if (context.Request.Method == SipMethod.Info
            && Media(context.Call)?.Find(context.To) is { Keys: DtmfMode.InfoToRtp or DtmfMode.Both } leg
            && DtmfTone.TryRead(context.Request.ContentType, context.Request.Body, out DtmfTone tone)
            && RelaySession.TryPlay(leg, tone))
        {
            context.Answer(200);
        }
    }

    public override void OnLegEnded(ICall call, ILeg leg) => Media(call)?.Remove(leg);

    public override void OnCallEnded(ICall call)
    {
        if (Media(call) is { } media)
        {
            media.Close();
            call.SetState(this, null);
            call.Trail.Add(Name, "{0} packets from the caller, {1} from the other side", media.FromCaller, media.FromOthers);
        }
    }

    // On a relay thread: the call is another one's to touch.
    private void TellKey(RelaySession session, RelayLeg leg, DtmfTone tone)
    {
        if (session.Owner is ICall call)
        {
            call.Loop.Post(
                static state =>
                {
                    (MediaRelayModule module, ICall call, RelayLeg leg, DtmfTone tone) = ((MediaRelayModule, ICall, RelayLeg, DtmfTone))state!;
                    ILeg? to = module.Media(call)?.Find(call.A) == leg ? call.A : call.B;
                    to?.TryAsk("INFO", "application/dtmf-relay"u8, tone.ToRelay());
                },
                (this, call, leg, tone));
        }
    }

    private CallMedia? Media(ICall call) => (CallMedia?)call.GetState(this);

    private CallMedia? Open(SessionContext context)
    {
        ILeg caller = context.Call.A;
        RelaySession? session = engine!.TryOpen(Party(context, caller));
        if (session is null)
        {
            return null;
        }

        session.Owner = context.Call;
        CallMedia media = new(session);
        media.Add(caller, session.Front);
        session.Front.Keys = KeysOf(caller);
        context.Call.SetState(this, media);
        return media;
    }

    private RelayLeg Leg(CallMedia media, SessionContext context, ILeg leg)
    {
        RelayParty party = Party(context, leg);
        RelayLeg? known = media.Find(leg);
        if (known is null)
        {
            known = media.Session.AddBranch(party);
            media.Add(leg, known);
            known.Keys = KeysOf(leg);
        }

        known.Party = party;
        return known;
    }

    private RelayParty Party(SessionContext context, ILeg leg)
    {
        ref readonly Flow flow = ref leg.Flow;
        SipAddress remote = ReferenceEquals(leg, context.From) ? context.Source : flow.Remote;
        IPAddress signalling = remote.ToIPAddress();
        IPAddress written = context.LocalAddressFor(leg);
        IPAddress bound = flow.IsNone || flow.Local.IsNone ? written : flow.Local.ToIPAddress();
        bool isIPv6 = IsIPv6(bound);
        MediaRelayOptions options = settings.Value;
        bool outside = options.ForcePublicIpForSdpMasquerading || !SourcePolicies.IsPrivate(signalling);
        return new RelayParty(signalling, isIPv6 ? null : bound, isIPv6 ? bound : null)
        {
            AdvertisedIPv4 = Public(options.PublicIpv4, outside) ?? (IsIPv6(written) ? null : written),
            AdvertisedIPv6 = Public(options.PublicIpv6, outside) ?? (IsIPv6(written) ? written : null),
        };
    }

    private DtmfMode KeysOf(ILeg leg) => leg.Dtmf switch
    {
        DtmfForm.Pass => DtmfMode.Pass,
        DtmfForm.Rtp => DtmfMode.InfoToRtp,
        DtmfForm.Info => DtmfMode.RtpToInfo,
        _ => engine!.Dtmf,
    };

    private static bool IsIPv6(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6;

    private static IPAddress? Public(string text, bool outside) =>
        outside && IPAddress.TryParse(text, out IPAddress? address) ? address : null;

    private static void Conclude(SessionContext context, CallMedia media, RelayLeg from, RelayOutcome outcome, SdpOutput output)
    {
        DecisionTrail trail = context.Call.Trail;
        switch (outcome)
        {
            case RelayOutcome.Relayed:
                output.Replace();
                Note(context, from, trail);
                break;
            case RelayOutcome.Untouched:
                trail.Add(Name, "off: an earlier relay marked the session");
                break;
            case RelayOutcome.BadDescription:
                string phrase = Encoding.ASCII.GetString(SdpErrors.Phrase(media.Session.LastError));
                trail.Add(Name, "refused: {0}", phrase);
                context.Refuse(context.IsOffer ? 400 : 488, phrase);
                break;
            case RelayOutcome.NoPorts:
                trail.Add(Name, "refused: no RTP port is left in sdp-port-range");
                context.Refuse(500, "RTP port pool exhausted");
                break;
            case RelayOutcome.NoLocalAddress:
                trail.Add(Name, "refused: no address of ours to give to {0}", context.To.Party);
                context.Refuse(500, "No address for media");
                break;
            case RelayOutcome.Closed:
            default:
                break;
        }
    }

    private static void Note(SessionContext context, RelayLeg from, DecisionTrail trail)
    {
        // A call that is put on hold every minute must not fill its trail with it.
        if (trail.Count >= DecisionTrail.Limit / 2)
        {
            return;
        }

        if (from.NatAddress is { } inside)
        {
            trail.Add(Name, "on, behind NAT: described as {0}, signalling from {1}", inside, context.Source);
        }
        else
        {
            trail.Add(Name, context.IsOffer ? "on, offer from {0}" : "on, answer from {0}", context.Source);
        }
    }

    private static bool IsParty(ICall call, ILeg leg) => ReferenceEquals(leg, call.A) || ReferenceEquals(leg, call.B);

    private static void Answered(CallMedia media, RelayLeg winner)
    {
        if (!media.IsAnswered)
        {
            media.IsAnswered = true;
            media.Session.Win(winner);
        }
    }

    private void ChooseEarlyMedia(CallMedia media, RelayLeg from)
    {
        MediaRelayOptions options = settings.Value;
        media.EarlySessions++;
        if (options.MaxEarlyMediaPerCall > 0 && media.EarlySessions > options.MaxEarlyMediaPerCall)
        {
            RelaySession.Mute(from);
        }
        else if (options.EarlyMediaRelaySingle)
        {
            media.Session.Hear(from);
        }
    }

    // The offer that this leg refused came from the leg it talks to.
    private static RelayLeg Offerer(RelaySession session, RelayLeg refusing) =>
        refusing.Partner ?? (refusing == session.Front ? session.FindOfferer() ?? session.Front : session.Front);

    private void EndIdleCalls()
    {
        TimeSpan period = settings.Value.InactivityPeriod;
        try
        {
            if (period > TimeSpan.Zero)
            {
                engine?.FindIdle((long)period.TotalMilliseconds, EndIdle);
            }
        }
        catch (Exception fault)
        {
            // No exception leaves a timer: it would end the process.
            RelayLog.IdleSearchFailed(logger, fault);
        }
    }

    private static void EndIdle(RelaySession session)
    {
        if (session.Owner is ICall call)
        {
            call.Loop.Post(static state => ((ICall)state!).End(408, "No media for longer than inactivity-period"), call);
        }
    }
}
