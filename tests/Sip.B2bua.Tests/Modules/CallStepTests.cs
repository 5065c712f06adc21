using Sip.B2bua.Modules;

namespace Sip.B2bua.Tests.Modules;

public sealed class CallStepTests : IDisposable
{
    private readonly PipelineFixture fixture = new();
    private readonly TestCall call;

    public CallStepTests() => call = new TestCall(fixture.Loop);

    public void Dispose() => fixture.Dispose();

    [Fact]
    public void A_fault_in_OnSession_refuses_the_offer()
    {
        fixture.Add("Clumsy", new ClumsyModule());
        WatchingModule later = Watch();
        TestCall.Session offer = new(call, isOffer: true);
        fixture.Pipeline.OnSession(offer);

        Assert.Equal(500, offer.Refused);
        Assert.Null(call.Ended);
        Assert.Empty(later.Seen);
        Assert.Equal("Clumsy: fault in OnSession: FormatException", call.Trail.ToString());
    }

    [Fact]
    public void A_fault_in_OnSession_of_an_answer_ends_the_call()
    {
        fixture.Add("Clumsy", new ClumsyModule());
        fixture.Pipeline.OnSession(new TestCall.Session(call, isOffer: false));

        Assert.Equal((500, "module Clumsy failed"), call.Ended);
    }

    [Fact]
    public void A_fault_in_OnBranch_leaves_the_target_out()
    {
        fixture.Add("Clumsy", new ClumsyModule());
        TestCall.Branch branch = new(call);
        fixture.Pipeline.OnBranch(branch);

        Assert.Equal("module Clumsy failed", branch.Dropped);
    }

    [Fact]
    public void A_fault_at_the_end_of_a_call_keeps_nobody_from_hearing_of_it()
    {
        LoadedModule clumsy = fixture.Add("Clumsy", new ClumsyModule());
        WatchingModule later = Watch();
        fixture.Pipeline.OnCallEnded(call);

        Assert.Equal(["OnCallEnded"], later.Seen);
        Assert.Equal(1, fixture.Pipeline.CountsOf(clumsy).Faults);
    }

    [Fact]
    public void Every_step_reaches_the_module_that_overrides_it()
    {
        WatchingModule module = Watch();
        fixture.Pipeline.OnBranch(new TestCall.Branch(call));
        fixture.Pipeline.OnResponse(null!);
        fixture.Pipeline.OnSession(new TestCall.Session(call, isOffer: true));
        fixture.Pipeline.OnCallEvent(call, null!, CallEventKind.Answer);
        fixture.Pipeline.OnLegEnded(call, null!);
        fixture.Pipeline.OnCallEnded(call);

        Assert.Equal(["OnBranch", "OnResponse", "OnSession", "Answer", "OnLegEnded", "OnCallEnded"], module.Seen);
    }

    [Fact]
    public void A_module_that_the_first_request_did_not_enter_sees_nothing_of_the_call()
    {
        WatchingModule module = new();
        fixture.Add("Watching", module, BooleanExpression.False);
        SkippedModules skipped = fixture.Pipeline.Skip(TestRequest.Invite());
        fixture.Pipeline.OnCallEvent(call, null!, CallEventKind.Answer, skipped);
        fixture.Pipeline.OnCallEnded(call, skipped);

        Assert.Empty(module.Seen);
    }

    [Fact]
    public void Members_that_a_module_does_not_override_are_never_called()
    {
        LoadedModule module = fixture.Add("Scriptless", new ScriptlessModule());

        Assert.True(module.Overrides(nameof(SipModule.OnRequestAsync)));
        Assert.False(module.Overrides(nameof(SipModule.OnSession)));
        Assert.False(module.Overrides(nameof(SipModule.OnCallEvent)));
    }

    [Fact]
    public void Steps_allocate_nothing()
    {
        fixture.Add("Quiet", new QuietModule());
        RequestPipeline pipeline = fixture.Pipeline;
        TestCall.Session offer = new(call, isOffer: true);
        for (int i = 0; i < 100; i++)
        {
            pipeline.OnSession(offer);
            pipeline.OnCallEvent(call, null!, CallEventKind.Answer);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            pipeline.OnSession(offer);
            pipeline.OnCallEvent(call, null!, CallEventKind.Answer);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private WatchingModule Watch()
    {
        WatchingModule module = new();
        fixture.Add("Watching", module);
        return module;
    }

    private sealed class QuietModule : SipModule
    {
        private int count;

        public override void OnSession(SessionContext context) => count++;

        public override void OnCallEvent(ICall call, ILeg from, CallEventKind kind) => count++;
    }

    private sealed class ClumsyModule : SipModule
    {
        public override void OnBranch(BranchContext context) => throw new FormatException();

        public override void OnSession(SessionContext context) => throw new FormatException();

        public override void OnCallEnded(ICall call) => throw new FormatException();
    }

    private sealed class WatchingModule : SipModule
    {
        public List<string> Seen { get; } = [];

        public override void OnBranch(BranchContext context) => Seen.Add(nameof(OnBranch));

        public override void OnResponse(ResponseContext context) => Seen.Add(nameof(OnResponse));

        public override void OnSession(SessionContext context) => Seen.Add(nameof(OnSession));

        public override void OnCallEvent(ICall call, ILeg from, CallEventKind kind) => Seen.Add(kind.ToString());

        public override void OnLegEnded(ICall call, ILeg leg) => Seen.Add(nameof(OnLegEnded));

        public override void OnCallEnded(ICall call) => Seen.Add(nameof(OnCallEnded));
    }
}
