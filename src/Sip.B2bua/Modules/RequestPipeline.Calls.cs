namespace Sip.B2bua.Modules;

/// <summary>What happens after a request was let in: each member of a module that overrides it, in order.</summary>
internal sealed partial class RequestPipeline
{
    private readonly LoadedModule[] callBegunModules;
    private readonly LoadedModule[] refusedModules;
    private readonly LoadedModule[] branchModules;
    private readonly LoadedModule[] responseModules;
    private readonly LoadedModule[] sessionModules;
    private readonly LoadedModule[] messageModules;
    private readonly LoadedModule[] callEventModules;
    private readonly LoadedModule[] legEndedModules;
    private readonly LoadedModule[] callEndedModules;

    private interface IStep
    {
        /// <summary>The member's name.</summary>
        string Member { get; }

        DecisionTrail? Trail { get; }

        void Call(SipModule module);

        /// <summary>Does what a fault means here; false: no further module is asked.</summary>
        bool OnFault(string module);
    }

    /// <summary>A request has become a call.</summary>
    public void OnCallBegun(ICall call, RequestContext request, SkippedModules skipped = default) =>
        Each(callBegunModules, skipped, new CallBegunStep(call, request));

    /// <summary>A request outside any dialog was answered with a failure.</summary>
    public void OnRefused(RequestContext context, int code, string reason)
    {
        foreach (LoadedModule module in refusedModules)
        {
            if (Meets(module.Filter.Filter, context.Request))
            {
                TakeStep(module, new RefusedStep(context, code, reason));
            }
        }
    }

    /// <summary>A request is about to leave to one target. A fault leaves the target out: what the module had to hide or add is not there.</summary>
    public void OnBranch(BranchContext context, SkippedModules skipped = default) => Each(branchModules, skipped, new BranchStep(context));

    /// <summary>A response came from a target.</summary>
    public void OnResponse(ResponseContext context, SkippedModules skipped = default) => Each(responseModules, skipped, new ResponseStep(context));

    /// <summary>An offer or answer crosses. A fault refuses the offer, or ends the call that would have got the answer.</summary>
    public void OnSession(SessionContext context, SkippedModules skipped = default) => Each(sessionModules, skipped, new SessionStep(context));

    /// <summary>A request within a call crosses.</summary>
    public void OnMessage(MessageContext context, SkippedModules skipped = default) => Each(messageModules, skipped, new MessageStep(context));

    /// <summary>One leg has told the other something.</summary>
    public void OnCallEvent(ICall call, ILeg from, CallEventKind kind, SkippedModules skipped = default) =>
        Each(callEventModules, skipped, new CallEventStep(call, from, kind));

    /// <summary>A leg is over.</summary>
    public void OnLegEnded(ICall call, ILeg leg, SkippedModules skipped = default) => Each(legEndedModules, skipped, new LegEndedStep(call, leg));

    /// <summary>The call is over.</summary>
    public void OnCallEnded(ICall call, SkippedModules skipped = default) => Each(callEndedModules, skipped, new CallEndedStep(call));

    private void Each<TStep>(LoadedModule[] modules, SkippedModules skipped, TStep step)
        where TStep : struct, IStep
    {
        foreach (LoadedModule module in modules)
        {
            if (!skipped.Contains(module) && !TakeStep(module, step))
            {
                return;
            }
        }
    }

    private bool TakeStep<TStep>(LoadedModule module, TStep step)
        where TStep : struct, IStep
    {
        long began = fence.Enter(module);
        try
        {
            step.Call(module.Module);
            return true;
        }
        catch (Exception fault)
        {
            fence.Report(module, step.Member, fault, step.Trail);
            return step.OnFault(module.Name);
        }
        finally
        {
            fence.Leave(module, step.Member, began);
        }
    }

    private readonly struct CallBegunStep(ICall call, RequestContext request) : IStep
    {
        public string Member => nameof(SipModule.OnCallBegun);

        public DecisionTrail? Trail => call.Trail;

        public void Call(SipModule module) => module.OnCallBegun(call, request);

        public bool OnFault(string module) => true;
    }

    private readonly struct BranchStep(BranchContext context) : IStep
    {
        public string Member => nameof(SipModule.OnBranch);

        public DecisionTrail? Trail => context.Trail;

        public void Call(SipModule module) => module.OnBranch(context);

        public bool OnFault(string module)
        {
            context.Drop($"module {module} failed");
            return false;
        }
    }

    private readonly struct ResponseStep(ResponseContext context) : IStep
    {
        public string Member => nameof(SipModule.OnResponse);

        public DecisionTrail? Trail => context.Call?.Trail;

        public void Call(SipModule module) => module.OnResponse(context);

        public bool OnFault(string module) => true;
    }

    private readonly struct SessionStep(SessionContext context) : IStep
    {
        public string Member => nameof(SipModule.OnSession);

        public DecisionTrail? Trail => context.Call.Trail;

        public void Call(SipModule module) => module.OnSession(context);

        public bool OnFault(string module)
        {
            if (context.IsOffer)
            {
                context.Refuse(500, "Server Internal Error");
            }
            else
            {
                context.Call.End(500, $"module {module} failed");
            }

            return false;
        }
    }

    private readonly struct RefusedStep(RequestContext context, int code, string reason) : IStep
    {
        public string Member => nameof(SipModule.OnRefused);

        public DecisionTrail? Trail => context.Trail;

        public void Call(SipModule module) => module.OnRefused(context, code, reason);

        public bool OnFault(string module) => true;
    }

    private readonly struct MessageStep(MessageContext context) : IStep
    {
        public string Member => nameof(SipModule.OnMessage);

        public DecisionTrail? Trail => context.Call.Trail;

        public void Call(SipModule module) => module.OnMessage(context);

        public bool OnFault(string module) => true;
    }

    private readonly struct CallEventStep(ICall call, ILeg from, CallEventKind kind) : IStep
    {
        public string Member => nameof(SipModule.OnCallEvent);

        public DecisionTrail? Trail => call.Trail;

        public void Call(SipModule module) => module.OnCallEvent(call, from, kind);

        public bool OnFault(string module) => true;
    }

    private readonly struct LegEndedStep(ICall call, ILeg leg) : IStep
    {
        public string Member => nameof(SipModule.OnLegEnded);

        public DecisionTrail? Trail => call.Trail;

        public void Call(SipModule module) => module.OnLegEnded(call, leg);

        public bool OnFault(string module) => true;
    }

    private readonly struct CallEndedStep(ICall call) : IStep
    {
        public string Member => nameof(SipModule.OnCallEnded);

        public DecisionTrail? Trail => call.Trail;

        public void Call(SipModule module) => module.OnCallEnded(call);

        public bool OnFault(string module) => true;
    }
}
