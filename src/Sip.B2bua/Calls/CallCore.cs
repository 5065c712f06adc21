using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using Sip.B2bua.Keeping;
using Sip.B2bua.Modules;
using Sip.B2bua.Subscriptions;
using Sip.Messages;
using Sip.Transports;

namespace Sip.B2bua.Calls;

/// <summary>
/// The calls of one loop and what they share. A new request comes in here (design: step 6), goes through the modules, and
/// becomes a call, a standalone request, or an answer.
/// </summary>
internal sealed partial class CallCore
{
    // A host name of 255 octets (RFC 1035 2.3.4), a colon and a port, with room to spare.
    public const int LongestSentBy = 300;

    private readonly ILogger logger;
    private readonly byte[] product;
    private readonly Predicate<SipAddress> isUs;

    public CallCore(SipLoop loop, RequestPipeline modules, CallSurroundings surroundings)
    {
        Loop = loop;
        Modules = modules;
        Options = surroundings.Options;
        Time = surroundings.Time;
        LocalDomains = surroundings.LocalDomains;
        HeadersToCaller = HeaderRules.Read(Options.HeadersToCaller, []);
        HeadersToCallee = HeaderRules.Read(Options.HeadersToCallee, []);
        Profiles = PeerProfiles.Load(Options.PeerProfiles, Options.ShippedProfiles, []);
        OfferedCodecs = OfferedCodecs.Read(Options.OfferedCodecs, [])!;
        MakesTransfers = Options.Transfer == TransferRule.Server || Profiles is { MakesTransfers: true };
        isUs = address => LocalDomains.IsUs(address);
        Calls = new CallTable(surroundings.Count);
        Subscriptions = new SubscriptionTable(surroundings.Subscriptions);
        All = surroundings.Cores;
        Mailboxes = surroundings.Mailboxes;
        LoopMarks = surroundings.LoopMarks;
        Session = new SessionCrossing(this);
        EndedInvites = new EndedInvites(this);
        loop.Transactions.LateAnswers = EndedInvites;
        Message = new MessageCrossing(this);
        Branches = new BranchGate(modules);
        logger = surroundings.Loggers.CreateLogger("Sip.B2bua.Calls");
        product = Encoding.UTF8.GetBytes(surroundings.Options.UserAgent.Replace("{version}", surroundings.Version, StringComparison.Ordinal));
    }

    /// <summary>The stack's layers on this loop.</summary>
    public SipLoop Loop { get; }

    /// <summary>The modules.</summary>
    public RequestPipeline Modules { get; }

    /// <summary>The settings of calls.</summary>
    public CallOptions Options { get; }

    /// <summary>Hears what still comes of INVITEs whose calls are over.</summary>
    public EndedInvites EndedInvites { get; }

    /// <summary>What is changed of the headers that cross to callers; null: nothing.</summary>
    public HeaderRules? HeadersToCaller { get; }

    /// <summary>What is changed of the headers that cross to callees; null: nothing.</summary>
    public HeaderRules? HeadersToCallee { get; }

    /// <summary>The profiles of peers; null: everybody is spoken to in the same way.</summary>
    public PeerProfiles? Profiles { get; }

    /// <summary>What is offered to peers that take no INVITE without an offer.</summary>
    public OfferedCodecs OfferedCodecs { get; }

    /// <summary>Whether any party's transfers are made by the server.</summary>
    public bool MakesTransfers { get; }

    /// <summary>The clock for records.</summary>
    public TimeProvider Time { get; }

    /// <summary>Which names mean us.</summary>
    public ILocalDomains LocalDomains { get; }

    /// <summary>The calls of this loop.</summary>
    public CallTable Calls { get; }

    /// <summary>The subscriptions of this loop.</summary>
    public SubscriptionTable Subscriptions { get; }

    /// <summary>The calls of every loop, by its number; only the loop's own may be touched, the others are posted to.</summary>
    public CallCore[] All { get; }

    /// <summary>Where messages of our own making come from.</summary>
    public SipMessagePool Messages { get; } = new();

    /// <summary>Where messages for absent devices are kept; null: nowhere.</summary>
    public Mailboxes? Mailboxes { get; }

    /// <summary>What finds requests that run in circles.</summary>
    public LoopMarks LoopMarks { get; }

    /// <summary>The request within a call that is just crossing.</summary>
    public MessageCrossing Message { get; }

    /// <summary>The offer or answer that is just crossing.</summary>
    public SessionCrossing Session { get; }

    /// <summary>Where the modules see requests leave and responses arrive.</summary>
    public BranchGate Branches { get; }

    /// <summary>Reads a message for conditions of the configuration file.</summary>
    public MessageVariables Variables { get; } = new();

    /// <summary>Where messages are written.</summary>
    public SipBufferPool Buffers => Loop.EventLoop.Buffers;

    /// <summary>Makes the ids of this loop.</summary>
    public LoopIds Ids => Loop.Ids;

    /// <summary>A new request outside any dialog, not yet kept by anybody.</summary>
    public void OnRequest(SipMessage request, in Flow flow)
    {
        if (Extensions.AreMissingFor(request))
        {
            // 8.2.2.3: what the UAS does not understand is refused and listed.
            SipWriter refusal = Loop.Transactions.Stateless.Begin(request, flow, 420);
            Extensions.WriteUnsupported(ref refusal, request);
            refusal.NoBody();
            Loop.Transactions.Stateless.Send(request, flow, refusal.Finish());
            return;
        }

        if (request.Method == SipMethod.Invite && SessionBody.IsUnreadable(request))
        {
            SipWriter refusal = Loop.Transactions.Stateless.Begin(request, flow, 415);
            Extensions.WriteReadableBodies(ref refusal);
            refusal.NoBody();
            Loop.Transactions.Stateless.Send(request, flow, refusal.Finish());
            return;
        }

        PendingRequest pending = new(this, request, flow);
        if ((request.Has(HeaderId.Join) && RefuseJoin(pending)) || (request.Has(HeaderId.Replaces) && !TryFindReplaced(pending)))
        {
            return;
        }

        FindTargetDialog(pending);
        ValueTask<Verdict> run = Modules.RunAsync(pending);
        if (run.IsCompletedSuccessfully)
        {
            Go(pending, run.Result);
        }
        else
        {
            pending.Keep();
            GoLater(pending, run);
        }
    }

    /// <summary>Ends all calls and subscriptions of this loop.</summary>
    public void EndAll(string reason)
    {
        Calls.EndAll(503, reason);
        Subscriptions.EndAll();
    }

    /// <summary>The ways to a target: its flow if it has one, else by target resolution (design: step 12).</summary>
    public ValueTask<TargetPath> FindPathAsync(Target target) =>
        target.Flow is { } flow ? new ValueTask<TargetPath>(TargetPath.Along(flow)) : WithoutOurselvesAsync(ResolveAsync(target));

    /// <summary>The ways to the next hop of a dialog (8.1.2).</summary>
    /// <param name="uri">Its URI.</param>
    public ValueTask<TargetPath> FindPathAsync(ReadOnlySpan<byte> uri) => WithoutOurselvesAsync(Loop.TargetResolver.FindAsync(uri));

    /// <summary>Tells the log what became of a call: one line.</summary>
    public void Report(Call call)
    {
        if (logger.IsEnabled(LogLevel.Information))
        {
            CallCourse course = call.Course;
            B2buaLog.CallEnded(logger, call.Id, course.Caller, course.Called, course.Code, course.EndedBy, course.Reason,
                course.AnswerMilliseconds < 0 ? 0 : (course.Milliseconds - course.AnswerMilliseconds) / 1000, call.Trail);
        }
    }

    /// <summary>Tells the modules of a request that was answered with a failure, and the log in the form that ban tools read.</summary>
    public void Refused(PendingRequest pending, int code, string? reason)
    {
        if (code is >= 400 and not (401 or 407))
        {
            Modules.OnRefused(pending, code, reason ?? Encoding.UTF8.GetString(SipStatus.Phrase(code)));
        }

        if (code is 403 or 404 or 480 or 482 or 483 or 488 or >= 500 && logger.IsEnabled(LogLevel.Information))
        {
            SipMessage request = pending.Request;
            string method = Encoding.UTF8.GetString(request.MethodName);
            string sender = pending.Sender;
            string uri = Encoding.UTF8.GetString(request.RequestUri);
            string phrase = reason ?? Encoding.UTF8.GetString(SipStatus.Phrase(code));
            B2buaLog.RequestRefused(logger, method, sender, uri, pending.Flow.Remote, code, phrase, pending.Trail);
        }
    }

    /// <summary>Tells the log of a request outside calls that was carried to its targets: one line.</summary>
    public void Carried(PendingRequest pending, int code, string reason)
    {
        if (logger.IsEnabled(LogLevel.Information))
        {
            SipMessage request = pending.Request;
            string method = Encoding.UTF8.GetString(request.MethodName);
            string uri = Encoding.UTF8.GetString(request.RequestUri);
            B2buaLog.RequestCarried(logger, method, pending.Sender, uri, pending.Flow.Remote, code, reason, pending.Trail);
        }
    }

    /// <summary>Tells the log what became of a kept message that was sent to a device: one line.</summary>
    public void ReportDelivery(string sender, string address, string device, int code, string reason, DecisionTrail trail) =>
        B2buaLog.MessageDelivered(logger, sender, address, device, code, reason, trail);

    /// <summary>Tells the log what became of a subscription: one line.</summary>
    public void ReportSubscription(string title, int code, string why, long seconds, DecisionTrail trail) =>
        B2buaLog.SubscriptionEnded(logger, title, code, why, seconds, trail);

    /// <summary>Tells the log of an exception that was ours.</summary>
    public void Fault(string where, Exception fault) => B2buaLog.Fault(logger, where, fault);

    /// <summary>Our address as the peer of a flow sees it, without port.</summary>
    public IPAddress LocalAddressFor(in Flow flow)
    {
        Span<byte> sentBy = stackalloc byte[LongestSentBy];
        int length = Loop.Transports.WriteSentBy(flow, sentBy);
        if (SipAddress.TryParse(HostOf(sentBy[..length]), 0, out SipAddress written))
        {
            return written.ToIPAddress();
        }

        // A name is announced; a session description needs an address.
        SipAddress address = Loop.Transports.AddressFor(flow);
        return (address.IsNone ? flow.Local : address).ToIPAddress();
    }

    /// <summary>The value of our Contact as the peer of a flow reaches us.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="sips">
    /// Whether a SIPS URI is asked for (<see cref="SipsRule"/>). Towards a peer without TLS it stays a SIP URI all the same: a SIPS URI
    /// with the port of another transport would lead nowhere.
    /// </param>
    public byte[] ContactFor(in Flow flow, bool sips)
    {
        sips &= flow.IsSecure;
        Span<byte> value = stackalloc byte[LongestSentBy + 32];
        ReadOnlySpan<byte> scheme = sips ? "<sips:"u8 : "<sip:"u8;
        scheme.CopyTo(value);
        int length = scheme.Length;
        length += Loop.Transports.WriteSentBy(flow, value[length..]);

        // RFC 5630 3.1.4: in a SIPS URI transport=tls says nothing more; RFC 7118 5.2: ws there means a secure WebSocket.
        if (flow.IsReliable && !(sips && flow.Transport.UriToken.SequenceEqual("tls"u8)))
        {
            ";transport="u8.CopyTo(value[length..]);
            length += 11;
            flow.Transport.UriToken.CopyTo(value[length..]);
            length += flow.Transport.UriToken.Length;
        }

        value[length++] = (byte)'>';
        return value[..length].ToArray();
    }

    /// <summary>The code that a caller gets for a target's final failure.</summary>
    public static int CodeForCaller(int code) => code switch
    {
        // Our users' credentials are for us alone: a target's challenge is not theirs to answer.
        401 or 407 => 403,

        // 16.7: a 503 of one target does not mean that we are out of service.
        503 => 500,

        // RFC 5626 11.5: "Endpoints should never receive a 430 response."
        430 => 480,
        _ => code,
    };

    private ValueTask<TargetPath> ResolveAsync(Target target)
    {
        // 8.1.2: the topmost Route says where to send. A maddr may lead anywhere: it counts in what a phone has registered only.
        ReadOnlySpan<byte> uri = target.Route.Count > 0 ? UriOf(Encoding.UTF8.GetBytes(target.Route[0])) : target.UriBytes.Span;
        return Loop.TargetResolver.FindAsync(uri, useMaddr: target.Binding is not null);
    }

    private async ValueTask<TargetPath> WithoutOurselvesAsync(ValueTask<TargetPath> search)
    {
        TargetPath path = await search;
        path.LeaveOutOurselves(isUs);
        return path;
    }

    private async void GoLater(PendingRequest pending, ValueTask<Verdict> run)
    {
        try
        {
            Go(pending, await run);
        }
        catch (Exception e)
        {
            // No exception leaves an async void: the one request gets 500.
            Fault("request", e);
            pending.Respond(500);
        }
    }

    private void Go(PendingRequest pending, Verdict verdict)
    {
        if (verdict == Verdict.Done || pending.IsOver)
        {
            return;
        }

        SipMessage request = pending.Request;
        if (pending.Replaced is { } replaced)
        {
            replaced.Call.Replace(replaced, pending, pending.ReplacesEarlyOnly);
        }
        else if (pending.Referrer is { } referrer)
        {
            TakeRefer(referrer, pending);
        }
        else if (request.Method == SipMethod.Refer && Options.Transfer != TransferRule.Pass)
        {
            pending.Respond(403, "A call is transferred by a REFER within it");
        }
        else if (request.Method == SipMethod.Register)
        {
            pending.Respond(404, "This domain is not served here");
        }
        else if (pending.Targets.Count == 0 && !IsForLater(pending))
        {
            (int code, string why) = pending.LateDelivery is null ? (404, "No module knows a target for this request") : (480, "The user is not there");
            pending.Respond(code, why);
        }
        else if (OwnDevices.Refuse(pending) || PrivacyHeader.Refuse(pending))
        {
            return;
        }
        else if (request.MaxForwards == 0)
        {
            // 16.3: what may go no further is not sent on.
            pending.Respond(483);
        }
        else if (LoopMarks.Contain(request, pending.Flow))
        {
            // RFC 5393 4.2.2: it has looped.
            pending.Respond(482, "The request has come back to this server");
        }
        else if (!Breadth.Of(request, pending.Targets.Count).Suffices)
        {
            // RFC 5393 5.3.3: not enough Max-Breadth for the fork.
            pending.Respond(440);
        }
        else if (request.Method == SipMethod.Invite)
        {
            StartCall(pending);
        }
        else if (request.Method is SipMethod.Subscribe or SipMethod.Refer)
        {
            Subscription.Start(this, pending);
        }
        else if (IsForLater(pending))
        {
            MessageRequest.Start(this, pending, pending.LateDelivery!);
        }
        else
        {
            StandaloneRequest.Start(this, pending);
        }
    }

    private bool IsForLater(PendingRequest pending) =>
        pending.LateDelivery is not null && pending.Request.Method == SipMethod.Message && Mailboxes is not null;

    private void StartCall(PendingRequest pending)
    {
        Span<byte> id = stackalloc byte[LoopIds.TagLength];
        Ids.NewTag(id);
        Call call = new(this, pending, Encoding.ASCII.GetString(id[..12]));
        if (!Calls.TryAdd(call))
        {
            pending.Trail.Add("Limit", "max-calls {0} reached", Calls.Limit);
            pending.Respond(503, "Too many calls", static (ref SipWriter writer, object? _) => writer.Header(HeaderId.RetryAfter, 10));
            return;
        }

        call.Start(pending);
    }

    private static ReadOnlySpan<byte> HostOf(ReadOnlySpan<byte> sentBy)
    {
        int bracket = sentBy.IndexOf((byte)']');
        int colon = sentBy[(bracket + 1)..].IndexOf((byte)':');
        return colon < 0 ? sentBy : sentBy[..(bracket + 1 + colon)];
    }
}
