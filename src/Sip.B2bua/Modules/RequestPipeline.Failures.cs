namespace Sip.B2bua.Modules;

/// <summary>What happens where a call is about to fail: each module may name other targets.</summary>
internal sealed partial class RequestPipeline
{
    private readonly LoadedModule[] failureModules;

    /// <summary>Asks the modules for other targets, until one has some. A fault is as good as none.</summary>
    public async ValueTask OnFailureAsync(FailureContext context, SkippedModules skipped)
    {
        foreach (LoadedModule module in failureModules)
        {
            if (skipped.Contains(module) || context.IsOver || context.Targets.Count > 0)
            {
                continue;
            }

            try
            {
                await AskOnFailure(module, context);
            }
            catch (Exception fault)
            {
                fence.Report(module, nameof(SipModule.OnFailureAsync), fault, context.Call.Trail);
                context.Targets.Clear();
            }
        }
    }

    private ValueTask AskOnFailure(LoadedModule module, FailureContext context)
    {
        long began = fence.Enter(module);
        try
        {
            return module.Module.OnFailureAsync(context);
        }
        finally
        {
            fence.Leave(module, nameof(SipModule.OnFailureAsync), began);
        }
    }
}
