using Microsoft.Extensions.Logging;
using Sip.Messages;

namespace Sip.B2bua.Modules;

/// <summary>
/// The modules in their order, as one loop goes through them: each behind its <c>enabled</c> and <c>filter</c>, each fenced in
/// so that its fault is that of one request or call only. Members that a module does not override are never called.
/// Belongs to one loop; allocates nothing as long as no module waits.
/// </summary>
internal sealed partial class RequestPipeline
{
    private readonly ModuleFence fence;
    private readonly MessageVariables variables = new();
    private readonly LoadedModule[] all;
    private readonly LoadedModule[] requestModules;

    /// <summary>Prepares the modules for one loop.</summary>
    /// <param name="modules">The modules that take part, in order.</param>
    /// <param name="loop">The loop.</param>
    /// <param name="logger">Where faults are told.</param>
    public RequestPipeline(IReadOnlyList<LoadedModule> modules, EventLoop loop, ILogger logger)
    {
        all = [.. modules];
        fence = new ModuleFence(all.Length, loop, logger);
        requestModules = Overriding(nameof(SipModule.OnRequestAsync));
        callBegunModules = Overriding(nameof(SipModule.OnCallBegun));
        failureModules = Overriding(nameof(SipModule.OnFailureAsync));
        refusedModules = Overriding(nameof(SipModule.OnRefused));
        branchModules = Overriding(nameof(SipModule.OnBranch));
        responseModules = Overriding(nameof(SipModule.OnResponse));
        sessionModules = Overriding(nameof(SipModule.OnSession));
        messageModules = Overriding(nameof(SipModule.OnMessage));
        callEventModules = Overriding(nameof(SipModule.OnCallEvent));
        legEndedModules = Overriding(nameof(SipModule.OnLegEnded));
        callEndedModules = Overriding(nameof(SipModule.OnCallEnded));
    }

    /// <summary>What was counted of a module on this loop.</summary>
    public ModuleCounts CountsOf(LoadedModule module) => fence.CountsOf(module);

    /// <summary>Whether a message meets a condition of the configuration file.</summary>
    public bool Meets(BooleanExpression condition, SipMessage message) =>
        ReferenceEquals(condition, BooleanExpression.True) || condition.Evaluate(variables.Of(message));

    /// <summary>Finds the modules whose filter a request does not pass: for the call that comes of it.</summary>
    public SkippedModules Skip(SipMessage request)
    {
        SkippedModules skipped = default;
        foreach (LoadedModule module in all)
        {
            if (!Meets(module.Filter.Filter, request))
            {
                skipped = skipped.With(module);
            }
        }

        return skipped;
    }

    /// <summary>
    /// Takes a request through the modules until one of them is done with it or it is over for another reason. Complete at once
    /// when no module waits; otherwise it goes on where it was on the same loop.
    /// </summary>
    /// <returns><see cref="Verdict.Continue"/> when every module let it pass: its targets are to be tried.</returns>
    public ValueTask<Verdict> RunAsync(RequestContext context)
    {
        for (int i = 0; i < requestModules.Length; i++)
        {
            ValueTask<Verdict> asked = Ask(requestModules[i], context);
            if (!asked.IsCompletedSuccessfully)
            {
                return GoOnAsync(i, asked, context);
            }

            if (asked.Result == Verdict.Done || context.IsOver)
            {
                return new(Verdict.Done);
            }
        }

        return new(Verdict.Continue);
    }

    private async ValueTask<Verdict> GoOnAsync(int at, ValueTask<Verdict> asked, RequestContext context)
    {
        while (true)
        {
            LoadedModule module = requestModules[at];
            Verdict verdict;
            try
            {
                verdict = await asked;
            }
            catch (OperationCanceledException) when (context.IsOver)
            {
                // The module has noticed by its own means that nobody waits for the answer any more.
                verdict = Verdict.Done;
            }
            catch (Exception fault)
            {
                verdict = Fail(module, context, fault);
            }

            if (verdict == Verdict.Done || context.IsOver)
            {
                return Verdict.Done;
            }

            at++;
            if (at == requestModules.Length)
            {
                return Verdict.Continue;
            }

            asked = Ask(requestModules[at], context);
        }
    }

    // Never throws: what the module throws before its first await becomes an answer here, what it throws later in GoOnAsync.
    private ValueTask<Verdict> Ask(LoadedModule module, RequestContext context)
    {
        ModuleCounts counts = fence.CountsOf(module);
        long began = fence.Enter(module);
        try
        {
            if (!Meets(module.Filter.Filter, context.Request))
            {
                counts.Skipped++;
                return new(Verdict.Continue);
            }

            counts.Admitted++;
            return module.Module.OnRequestAsync(context);
        }
        catch (Exception fault)
        {
            return new(Fail(module, context, fault));
        }
        finally
        {
            fence.Leave(module, nameof(SipModule.OnRequestAsync), began);
        }
    }

    private Verdict Fail(LoadedModule module, RequestContext context, Exception fault)
    {
        fence.Report(module, nameof(SipModule.OnRequestAsync), fault, context.Trail);
        context.Respond(500);
        return Verdict.Done;
    }

    private LoadedModule[] Overriding(string member) => Array.FindAll(all, module => module.Overrides(member));
}
