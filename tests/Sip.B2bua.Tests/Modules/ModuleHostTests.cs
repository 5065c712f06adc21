using Sip.B2bua.Modules;

namespace Sip.B2bua.Tests.Modules;

public sealed class ModuleHostTests
{
    private readonly TestSurroundings surroundings = new TestSurroundings().With(new ChoosingOptions()).With(new RedOptions { Shelves = 7 });

    [Fact]
    public void A_module_gets_everything_the_host_gives_and_the_chosen_store()
    {
        using ModuleHost host = Compose(typeof(ChoosingModule), typeof(RedStore), typeof(BlueStore));
        ChoosingModule module = (ChoosingModule)Assert.Single(host.Modules).Module;

        Assert.All(module.Imports, Assert.NotNull);
        Assert.Same(surroundings.Settings[typeof(ChoosingOptions)], module.Settings);
        Assert.Equal(7, Assert.IsType<RedStore>(module.Location).Shelves);
    }

    [Fact]
    public void Another_value_of_the_setting_chooses_another_store_for_everybody()
    {
        surroundings.With(new ChoosingOptions { LocationService = "blue" });
        using ModuleHost host = Compose(typeof(ChoosingModule), typeof(ReadingModule), typeof(RedStore), typeof(BlueStore));
        ILocationService written = ((ChoosingModule)host.Modules[0].Module).Location;

        Assert.IsType<BlueStore>(written);
        Assert.Same(written, ((ReadingModule)host.Modules[1].Module).Location);
    }

    [Fact]
    public void A_store_that_no_plug_in_brings_is_refused_with_the_choices()
    {
        surroundings.With(new ChoosingOptions { LocationService = "redis" });
        PluginException refused = Assert.Throws<PluginException>(() => Compose(typeof(ChoosingModule), typeof(RedStore), typeof(BlueStore)));

        Assert.Equal(
            "LocationService of [module::Choosing] chooses the ILocationService \"redis\", which no plug-in brings; there is: blue, red.",
            refused.Message);
    }

    [Fact]
    public void Without_a_setting_the_only_store_is_the_one()
    {
        using ModuleHost host = Compose(typeof(ReadingModule), typeof(BlueStore));
        Assert.IsType<BlueStore>(((ReadingModule)host.Modules[0].Module).Location);
    }

    [Fact]
    public void Without_a_setting_several_stores_are_refused()
    {
        PluginException refused = Assert.Throws<PluginException>(() => Compose(typeof(ReadingModule), typeof(RedStore), typeof(BlueStore)));
        Assert.Equal("There are several stores for ILocationService (blue, red), and no setting chooses one.", refused.Message);
    }

    [Fact]
    public void The_setting_of_a_module_that_takes_no_part_still_decides_where_nothing_else_does()
    {
        surroundings.Disabled.Add("Choosing");
        using ModuleHost host = Compose(typeof(ChoosingModule), typeof(ReadingModule), typeof(RedStore), typeof(BlueStore));

        Assert.IsType<RedStore>(((ReadingModule)Assert.Single(host.Modules).Module).Location);
    }

    [Fact]
    public void A_missing_import_is_told_with_module_and_plug_in()
    {
        PluginException refused = Assert.Throws<PluginException>(() => Compose(typeof(First), typeof(HungryModule), typeof(Second)));

        Assert.StartsWith($"module Hungry ({typeof(HungryModule).Assembly.Location}) imports what nobody exports: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("IDisposable", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_constructor_that_throws_is_told_with_module_and_plug_in()
    {
        PluginException refused = Assert.Throws<PluginException>(() => Compose(typeof(First), typeof(FailingModule)));

        Assert.Equal($"module Failing ({typeof(FailingModule).Assembly.Location}) cannot be made: the file users.txt is not there", refused.Message);
    }

    [Fact]
    public void A_module_that_is_not_enabled_is_not_even_made()
    {
        surroundings.Disabled.UnionWith(["Failing", "Hungry"]);
        using ModuleHost host = Compose(typeof(First), typeof(FailingModule), typeof(HungryModule));

        Assert.Equal("First", Assert.Single(host.Modules).Name);
    }

    [Fact]
    public async Task Modules_start_in_their_order_and_stop_in_reverse()
    {
        List<string> diary = DiaryModule.Diary.Value = [];
        using ModuleHost host = Compose(typeof(Third), typeof(Second), typeof(First));
        await host.StartAsync(default);
        await host.StopAsync(default);
        await host.StopAsync(default);

        Assert.Equal(["start First", "start Second", "start Third", "stop Third", "stop Second", "stop First"], diary);
    }

    [Fact]
    public async Task Every_module_is_told_that_the_server_stops_whatever_the_others_do()
    {
        List<string> diary = DiaryModule.Diary.Value = [];
        using ModuleHost host = Compose(typeof(Third), typeof(Second), typeof(First));
        await host.StartAsync(default);
        diary.Clear();
        await host.OnStoppingAsync(default);
        Assert.Equal(["farewell of First", "farewell of Second", "farewell of Third"], diary);
        await host.StopAsync(default);
        await host.OnStoppingAsync(default);
        Assert.Equal(6, diary.Count);
    }

    [Fact]
    public async Task A_module_that_refuses_to_start_is_named_and_those_before_it_are_stopped()
    {
        List<string> diary = DiaryModule.Diary.Value = [];
        using ModuleHost host = Compose(typeof(Third), typeof(Refusing), typeof(First));
        PluginException refused = await Assert.ThrowsAsync<PluginException>(() => host.StartAsync(default));

        Assert.EndsWith("cannot start: no certificate", refused.Message, StringComparison.Ordinal);
        Assert.StartsWith("module Refusing (", refused.Message, StringComparison.Ordinal);
        Assert.Equal(["start First", "start Refusing", "stop First"], diary);
    }

    [Fact]
    public void Counters_are_summed_over_the_loops()
    {
        using ModuleHost host = Compose(typeof(ScriptlessModule));
        using PipelineFixture one = new();
        using PipelineFixture two = new();
        PipelineFixture.RunAtOnce(host.CreatePipeline(one.Loop), one.NewRequest());
        PipelineFixture.RunAtOnce(host.CreatePipeline(two.Loop), two.NewRequest());

        Assert.Equal(2, host.Meter.Sum(host.Modules[0]).Admitted);
    }

    private ModuleHost Compose(params Type[] types) => ModuleHost.Compose(ModuleCatalog.Of(types), surroundings.Build());
}
