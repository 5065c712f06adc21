namespace Sip.B2bua.Plugins.Router;

/// <summary>The settings of <c>[module::Router]</c>: which targets a request gets, and how they are tried.</summary>
internal sealed class RouterOptions : ICheckedOptions
{
    private ForkRules? rules;

    [Setting("Address or URI that is tried last, when no binding has taken the request or there is none; the Request-URI stays as it is.")]
    public string FallbackRoute { get; init; } = "";

    [Setting("Condition under which fallback-route is used.")]
    public BooleanExpression FallbackRouteFilter { get; init; } = BooleanExpression.Default("true");

    [Setting("Gives a user the same phones in every domain that is served, whichever of them a phone registers in. Passwords stay those of each domain. "
        + "Read at the start.")]
    [Decides(ServerRule.OneDomain)]
    public bool UseGlobalDomain { get; init; }

    [Setting("Looks up a user of ours whatever Route the request has. false: the request of somebody who is known goes where its next Route leads, if "
        + "that is another server (RFC 3261 16.12). Flexisip's own value is false; here true, because phones name this server in Route by names that it "
        + "was never told.")]
    public bool ResolveRoutes { get; init; } = true;

    [Setting("Sends one INVITE for all phones of a user that are behind the same two or more proxies (Path), with their URIs in X-target-uris: the "
        + "last proxy forks. Only for proxies that know that header, such as Flexisip, and not with fork-late.")]
    public bool AllowTargetFactorization { get; init; }

    [Setting("Looks for a user who is not registered at the parent domain: sip:bob@a.example.org at example.org, and so on upwards.")]
    public bool ParentDomainFallback { get; init; }

    [Setting("URIs that every INVITE and MESSAGE for a user of ours goes to as well.")]
    public IReadOnlyList<string> StaticTargets { get; init; } = [];

    [Setting("Lets phones of the called user that register while a call rings join it, and waits for those that cannot be reached, until "
        + "the call has rung for call-fork-timeout.")]
    public bool ForkLate { get; init; }

    [Setting("Lets the other phones of a user ring on when one declines (603 or any 6xx).")]
    public bool ForkNoGlobalDecline { get; init; }

    [Setting("With fork-no-global-decline: treats 603 as one of the failures of call-fork-urgent-timeout.")]
    public bool TreatDeclineAsUrgent { get; init; }

    [Setting("Treats every failure as one of those of call-fork-urgent-timeout.")]
    public bool TreatAllAsUrgent { get; init; }

    [Setting("How long a call to a user of ours may ring. 0: as long as ring-timeout of [b2bua] says.", Unit = "s")]
    public TimeSpan CallForkTimeout { get; init; }

    [Setting("How long a failure that the caller may mend by calling differently (401, 407, 415, 420, 484, 488, 606) is held back while other "
        + "phones have not answered. When one of them rings by then, it waits for the end like every other failure.", Unit = "s")]
    public TimeSpan CallForkUrgentTimeout { get; init; } = TimeSpan.FromSeconds(5);

    [Setting("How long contacts of one preference (q) ring before those of the next lower join in. 0: as long as group-timeout of [b2bua] says.", Unit = "s")]
    public TimeSpan CallForkCurrentBranchesTimeout { get; init; }

    [Setting("Tells callers 181 when their call is diverted.")]
    public bool PermitSelfGeneratedProvisionalResponse { get; init; } = true;

    [Setting("URI of the voicemail server that takes calls which have failed with one of forwarding-status-codes. It is told whose box and why "
        + "(RFC 4458). Empty: no voicemail.")]
    public string VoicemailServer { get; init; } = "";

    [Setting("Failures that go to voicemail. 408 stands for every call that nobody has answered, 480 included.", Words = ["408", "486", "603"])]
    public IReadOnlyList<string> ForwardingStatusCodes { get; init; } = ["408", "486", "603"];

    [Setting("Applies the diversions of users in call-diversions-file.")]
    public bool EnableCallDiversions { get; init; }

    [Setting("JSON file with the diversions of each user, in the form of Flexisip's advanced-account-data. It is read again when it has changed.")]
    public string CallDiversionsFile { get; init; } = "";

    [Setting("Most diversions of one call, one after the other; the next, or a circle, is refused with 482.", Min = 0, Max = 100)]
    public int MaxCallDiversions { get; init; } = 10;

    [Setting("Keeps a MESSAGE for devices of the user that are not there, and sends it to each when it registers. The sender is told 202.")]
    public bool MessageForkLate { get; init; } = true;

    [Setting("How long a MESSAGE is kept.", Unit = "s", Min = "1s", Max = "1y")]
    public TimeSpan MessageDeliveryTimeout { get; init; } = TimeSpan.FromSeconds(604_800);

    [Setting("How long devices may take to answer a MESSAGE before the sender is told 202.", Unit = "s", Min = "1s", Max = "30s")]
    public TimeSpan MessageAcceptTimeout { get; init; } = TimeSpan.FromSeconds(5);

    [Setting("How long a kept MESSAGE waits for those before it to the same device, the urgent first, when that has registered. Then it is sent "
        + "though they are not answered yet. Read at the start.", Unit = "s", Max = "1h")]
    [Decides(ServerRule.MessageRetention)]
    public TimeSpan MaxRequestRetentionTime { get; init; } = TimeSpan.FromSeconds(30);

    [Setting("Largest MESSAGE that is kept, in octets, headers included.", Min = 1)]
    public int MaxKeptMessageSize { get; init; } = 65_536;

    [Setting("Most messages that are kept for one user; a further one is refused with 480, unless one that some device has had can make room.", Min = 1)]
    public int MaxKeptMessagesPerUser { get; init; } = 100;

    [Setting("Most messages that are kept in all.", Min = 1)]
    public int MaxKeptMessages { get; init; } = 100_000;

    [Setting("Which store keeps messages, by its name; sqlite comes with the server. Empty: the only one there is.")]
    [Chooses(typeof(IMessageStore))]
    public string MessageStore { get; init; } = "";

    /// <summary>How the calls of these settings are tried; one object for all of them.</summary>
    public ForkRules Rules => rules ??= new ForkRules
    {
        RingTimeout = CallForkTimeout,
        GroupTimeout = CallForkCurrentBranchesTimeout,
        UrgentTimeout = CallForkUrgentTimeout,
        IsLate = ForkLate,
        NeedsEveryDecline = ForkNoGlobalDecline,
        DeclineIsUrgent = TreatDeclineAsUrgent,
        EveryFailureIsUrgent = TreatAllAsUrgent,
        OwnProvisionals = PermitSelfGeneratedProvisionalResponse,
        MayDivert = VoicemailServer.Length > 0 || EnableCallDiversions,
    };

    /// <summary>How a MESSAGE to a user is delivered late.</summary>
    public LateDelivery LateDeliveryTo(string addressOfRecord) => new()
    {
        AddressOfRecord = addressOfRecord,
        AcceptTimeout = MessageAcceptTimeout,
        DeliveryTimeout = MessageDeliveryTimeout,
        MaxSize = MaxKeptMessageSize,
        MaxOfAddress = MaxKeptMessagesPerUser,
        MaxOfAll = MaxKeptMessages,
    };

    public IEnumerable<SettingFault> Check()
    {
        foreach (string target in StaticTargets)
        {
            if (!AddressOfRecord.TryRead(System.Text.Encoding.UTF8.GetBytes(target), out _))
            {
                yield return new SettingFault("static-targets", $"\"{target}\" is no SIP URI");
            }
        }

        if (VoicemailServer.Length > 0 && !Sip.Uris.SipUri.TryParse(System.Text.Encoding.UTF8.GetBytes(VoicemailServer), out _))
        {
            yield return new SettingFault("voicemail-server", $"\"{VoicemailServer}\" is no SIP URI");
        }

        if (EnableCallDiversions && CallDiversionsFile.Length == 0)
        {
            yield return new SettingFault("enable-call-diversions", "needs call-diversions-file");
        }
    }
}
