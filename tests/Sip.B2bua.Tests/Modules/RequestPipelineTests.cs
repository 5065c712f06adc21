using Sip.B2bua.Modules;

namespace Sip.B2bua.Tests.Modules;

public sealed class RequestPipelineTests : IDisposable
{
    private readonly PipelineFixture fixture = new();

    public void Dispose() => fixture.Dispose();

    [Fact]
    public void Modules_see_a_request_in_order_and_let_it_pass()
    {
        List<string> seen = [];
        Add("One", _ => { seen.Add("One"); return new(Verdict.Continue); });
        Add("Two", _ => { seen.Add("Two"); return new(Verdict.Continue); });

        Assert.Equal(Verdict.Continue, fixture.Run(fixture.NewRequest()));
        Assert.Equal(["One", "Two"], seen);
    }

    [Fact]
    public void A_module_that_is_done_ends_the_way()
    {
        Add("One", _ => new(Verdict.Done));
        ScriptedModule second = Add("Two", _ => new(Verdict.Continue));

        Assert.Equal(Verdict.Done, fixture.Run(fixture.NewRequest()));
        Assert.Equal(0, second.Calls);
    }

    [Fact]
    public void An_answered_request_ends_the_way_whatever_the_module_says()
    {
        Add("One", context => { context.Respond(403); return new(Verdict.Continue); });
        ScriptedModule second = Add("Two", _ => new(Verdict.Continue));

        Assert.Equal(Verdict.Done, fixture.Run(fixture.NewRequest()));
        Assert.Equal(0, second.Calls);
    }

    [Fact]
    public void A_module_whose_filter_is_false_is_passed_over_and_counted()
    {
        ScriptedModule module = new(_ => new(Verdict.Done));
        LoadedModule loaded = fixture.Add("One", module, BooleanExpression.False);

        Assert.Equal(Verdict.Continue, fixture.Run(fixture.NewRequest()));
        Assert.Equal(0, module.Calls);
        Assert.Equal(1, fixture.Pipeline.CountsOf(loaded).Skipped);
        Assert.Equal(0, fixture.Pipeline.CountsOf(loaded).Admitted);
        Assert.True(fixture.Pipeline.Skip(TestRequest.Invite()).Contains(loaded));
    }

    [Fact]
    public void A_filter_that_is_replaced_counts_from_the_next_request_on()
    {
        ScriptedModule module = new(_ => new(Verdict.Continue));
        LoadedModule loaded = fixture.Add("One", module, BooleanExpression.False);
        fixture.Run(fixture.NewRequest());
        loaded.Filter = new EntryFilter(true, BooleanExpression.True);
        fixture.Run(fixture.NewRequest());

        Assert.Equal(1, module.Calls);
    }

    [Fact]
    public void An_exception_before_the_first_await_is_500_for_that_request_only()
    {
        LoadedModule loaded = fixture.Add("Clumsy", new ScriptedModule(_ => throw new FormatException("no")));
        TestRequest request = fixture.NewRequest();

        Assert.Equal(Verdict.Done, fixture.Run(request));
        AssertFault(loaded, request);
    }

    [Fact]
    public void An_exception_after_an_await_is_500_for_that_request_only()
    {
        LoadedModule loaded = fixture.Add("Clumsy", new ScriptedModule(async _ =>
        {
            await Task.Yield();
            throw new FormatException("no");
        }));
        TestRequest request = fixture.NewRequest();

        Assert.Equal(Verdict.Done, fixture.Run(request));
        AssertFault(loaded, request);
    }

    [Fact]
    public void A_filter_that_throws_counts_as_a_fault_of_its_module()
    {
        LoadedModule loaded = fixture.Add("Clumsy", new ScriptedModule(_ => new(Verdict.Continue)), BooleanExpression.Default("never read"));
        TestRequest request = fixture.NewRequest();

        Assert.Equal(Verdict.Done, fixture.Run(request));
        Assert.Equal(500, request.Answer);
        Assert.Equal(1, fixture.Pipeline.CountsOf(loaded).Faults);
    }

    [Fact]
    public void After_an_await_the_way_goes_on_upon_the_same_loop()
    {
        TaskCompletionSource answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Add("Waits", async _ => { await answer.Task; return Verdict.Continue; });
        EventLoop? loop = null;
        Add("Next", _ => { loop = EventLoop.Current; return new(Verdict.Continue); });
        Verdict? verdict = null;
        fixture.Loop.Post(async _ => verdict = await fixture.Pipeline.RunAsync(fixture.NewRequest()), null);
        fixture.Turn();
        Assert.Null(verdict);

        answer.SetResult();
        SpinWait.SpinUntil(() => !fixture.Loop.IsQuiet, 5000);
        fixture.Turn();

        Assert.Equal(Verdict.Continue, verdict);
        Assert.Same(fixture.Loop, loop);
    }

    [Fact]
    public void A_request_that_is_cancelled_during_an_await_goes_no_further()
    {
        TestRequest request = fixture.NewRequest();
        Add("Waits", async _ => { await Task.Yield(); request.Answer = 487; return Verdict.Continue; });
        ScriptedModule next = Add("Next", _ => new(Verdict.Continue));

        Assert.Equal(Verdict.Done, fixture.Run(request));
        Assert.Equal(0, next.Calls);
    }

    [Fact]
    public void A_module_that_gives_up_because_the_request_is_over_is_no_fault()
    {
        TestRequest request = fixture.NewRequest();
        LoadedModule loaded = fixture.Add("Waits", new ScriptedModule(async _ =>
        {
            await Task.Yield();
            request.Answer = 487;
            throw new OperationCanceledException();
        }));

        Assert.Equal(Verdict.Done, fixture.Run(request));
        Assert.Equal(0, fixture.Pipeline.CountsOf(loaded).Faults);
    }

    [Fact]
    public void A_module_that_blocks_the_loop_is_named()
    {
        LoadedModule slow = fixture.Add("Sleepy", new ScriptedModule(_ => { fixture.Time.Advance(250); return new(Verdict.Continue); }));
        LoadedModule quick = fixture.Add("Quick", new ScriptedModule(_ => { fixture.Time.Advance(90); return new(Verdict.Continue); }));
        fixture.Run(fixture.NewRequest());

        Assert.Equal(1, fixture.Pipeline.CountsOf(slow).Slow);
        Assert.Equal(0, fixture.Pipeline.CountsOf(quick).Slow);
        Assert.Contains("Warning: module Sleepy blocked the loop for 250 ms in OnRequestAsync; it must await instead", fixture.Log.Lines);
    }

    [Fact]
    public void Three_modules_that_do_not_wait_cost_no_allocation()
    {
        Add("One", static _ => new(Verdict.Continue));
        Add("Two", static _ => new(Verdict.Continue));
        Add("Three", static _ => new(Verdict.Continue));
        TestRequest request = fixture.NewRequest();
        RequestPipeline pipeline = fixture.Pipeline;
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(Verdict.Continue, PipelineFixture.RunAtOnce(pipeline, request));
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            PipelineFixture.RunAtOnce(pipeline, request);
            pipeline.Skip(request.Request);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private void AssertFault(LoadedModule loaded, TestRequest request)
    {
        Assert.Equal(500, request.Answer);
        Assert.Equal("Clumsy: fault in OnRequestAsync: FormatException", request.Trail.ToString());
        Assert.Contains("Error: module Clumsy failed in OnRequestAsync; this request or call alone suffers", fixture.Log.Lines);
        Assert.Equal(1, fixture.Pipeline.CountsOf(loaded).Faults);
    }

    private ScriptedModule Add(string name, Func<RequestContext, ValueTask<Verdict>> onRequest)
    {
        ScriptedModule module = new(onRequest);
        fixture.Add(name, module);
        return module;
    }
}
