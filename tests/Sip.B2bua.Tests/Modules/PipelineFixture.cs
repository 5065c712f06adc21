using Sip.B2bua.Modules;

namespace Sip.B2bua.Tests.Modules;

/// <summary>Modules in a pipeline on a loop whose turns the test runs.</summary>
internal sealed class PipelineFixture : IDisposable
{
    private readonly List<LoadedModule> modules = [];
    private RequestPipeline? pipeline;

    public PipelineFixture() => Loop = new EventLoop(0, new EventLoopOptions { Time = Time });

    public ManualTime Time { get; } = new();

    public EventLoop Loop { get; }

    public LogLines Log { get; } = new();

    public RequestPipeline Pipeline => pipeline ??= new RequestPipeline(modules, Loop, Log);

    public TestRequest NewRequest() => new(Loop, TestRequest.Invite());

    public LoadedModule Add(string name, SipModule module, BooleanExpression? filter = null)
    {
        ModuleEntry entry = new() { Name = name, Stage = Stage.Serve, Order = modules.Count, Type = module.GetType(), Path = name + ".dll" };
        modules.Add(new LoadedModule(entry, module, new EntryFilter(true, filter ?? BooleanExpression.True), modules.Count));
        return modules[^1];
    }

    /// <summary>Runs a request on the loop until nothing is left to do at once.</summary>
    public Verdict? Run(TestRequest request)
    {
        Verdict? verdict = null;
        Loop.Post(async _ => verdict = await Pipeline.RunAsync(request), null);
        Turn();
        return verdict;
    }

    /// <summary>Runs a request that no module lets wait.</summary>
    public static Verdict RunAtOnce(RequestPipeline pipeline, TestRequest request)
    {
        ValueTask<Verdict> verdict = pipeline.RunAsync(request);
        return verdict.IsCompletedSuccessfully ? verdict.Result : throw new InvalidOperationException("A module waits.");
    }

    public void Turn()
    {
        do
        {
            Loop.Turn(0);
        }
        while (!Loop.IsQuiet);
    }

    public void Dispose() => Loop.Dispose();
}
