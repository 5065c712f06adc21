using Sip.B2bua.Modules;

namespace Sip.B2bua.Tests.Modules;

public sealed class ModuleCatalogTests : IDisposable
{
    private readonly PluginsFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_sub_folder_is_read_and_its_modules_stand_in_stage_order()
    {
        folder.Add("Alpha").Add("Beta");
        ModuleCatalog catalog = ModuleCatalog.Scan(folder.FullName);

        Assert.Empty(catalog.Faults);
        Assert.Equal(["Beta", "Alpha"], catalog.Modules.Select(module => module.Name));
        ModuleEntry alpha = catalog.Modules[1];
        Assert.Equal(folder.Path("Alpha"), alpha.Path);
        Assert.Equal((Stage.Serve, 10), (alpha.Stage, alpha.Order));
        Assert.Equal("Says what version 1 of its library says.", alpha.Help);
        Assert.Equal(["module::Beta", "module::Alpha"], catalog.Sections.Select(section => section.Name));
    }

    [Fact]
    public void Two_plug_ins_may_bring_different_versions_of_one_library()
    {
        folder.Add("Alpha").Add("Beta");
        using ModuleHost host = ModuleHost.Compose(ModuleCatalog.Scan(folder.FullName), new TestSurroundings().Build());
        using PipelineFixture fixture = new();
        TestRequest request = fixture.NewRequest();
        PipelineFixture.RunAtOnce(host.CreatePipeline(fixture.Loop), request);

        Assert.Equal("Beta: words 2; Alpha: words 1", request.Trail.ToString());
    }

    [Fact]
    public void A_plug_in_takes_the_contract_from_the_host()
    {
        folder.Add("Alpha");
        ModuleCatalog catalog = ModuleCatalog.Scan(folder.FullName);

        Assert.True(catalog.Modules[0].Type.IsSubclassOf(typeof(SipModule)));
        Assert.NotSame(typeof(ModuleCatalogTests).Assembly, catalog.Modules[0].Type.Assembly);
        Assert.False(File.Exists(Path.Combine(folder.FullName, "Alpha", "Sip.dll")));
    }

    [Fact]
    public void A_broken_DLL_is_named_and_the_others_are_read()
    {
        folder.Add("Alpha").AddFile("Broken", "Broken.dll", "no assembly");
        ModuleCatalog catalog = ModuleCatalog.Scan(folder.FullName);

        Assert.Equal("Alpha", Assert.Single(catalog.Modules).Name);
        Assert.Equal($"plug-in {folder.Path("Broken")}: it is no .NET assembly.", Assert.Single(catalog.Faults).ToString());
    }

    [Fact]
    public void A_plug_in_that_cannot_be_used_refuses_the_start()
    {
        folder.Add("Alpha").AddFile("Broken", "Broken.dll", "no assembly");
        ModuleCatalog catalog = ModuleCatalog.Scan(folder.FullName);

        PluginException refused = Assert.Throws<PluginException>(() => ModuleHost.Compose(catalog, new TestSurroundings().Build()));
        Assert.Contains(folder.Path("Broken"), refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_DLL_whose_library_is_missing_is_named()
    {
        folder.Add("Alpha");
        File.Delete(Path.Combine(folder.FullName, "Alpha", "Words.dll"));
        File.Delete(Path.Combine(folder.FullName, "Alpha", "Alpha.deps.json"));

        // Nothing of the plug-in has run yet, so nobody has missed the library; the module itself will.
        using ModuleHost host = ModuleHost.Compose(ModuleCatalog.Scan(folder.FullName), new TestSurroundings().Build());
        using PipelineFixture fixture = new();
        TestRequest request = fixture.NewRequest();
        PipelineFixture.RunAtOnce(host.CreatePipeline(fixture.Loop), request);

        Assert.Equal(500, request.Answer);
        Assert.Equal("Alpha: fault in OnRequestAsync: FileNotFoundException", request.Trail.ToString());
    }

    [Fact]
    public void A_folder_whose_DLL_has_another_name_is_a_fault()
    {
        folder.AddFile("Greeter", "Greetings.dll", "");
        PluginFault fault = Assert.Single(ModuleCatalog.Scan(folder.FullName).Faults);

        Assert.EndsWith("there is no Greeter.dll in it; a plug-in's folder has the name of its DLL.", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_DLL_is_none_of_ours()
    {
        folder.AddFile("notes", "readme.txt", "");
        Assert.Empty(ModuleCatalog.Scan(folder.FullName).Faults);
    }

    [Fact]
    public void A_folder_that_does_not_exist_is_empty()
    {
        ModuleCatalog catalog = ModuleCatalog.Scan(folder.FullName, Path.Combine(folder.FullName, "nowhere"));
        Assert.Empty(catalog.Faults);
        Assert.Empty(catalog.Modules);
    }

    [Fact]
    public void Two_modules_of_one_name_are_refused_with_both_paths()
    {
        folder.Add("Alpha");
        using PluginsFolder further = new PluginsFolder().Add("Alpha");
        PluginFault fault = Assert.Single(ModuleCatalog.Scan(folder.FullName, further.FullName).Faults);

        Assert.Contains("module Alpha", fault.What, StringComparison.Ordinal);
        Assert.Contains(folder.Path("Alpha"), fault.ToString(), StringComparison.Ordinal);
        Assert.Contains(further.Path("Alpha"), fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_the_further_folder_only_the_plug_ins_named_are_taken()
    {
        folder.Add("Alpha");
        using PluginsFolder own = new();
        Assert.Equal("Alpha", Assert.Single(ModuleCatalog.Scan(own.FullName, folder.FullName, ["Alpha"]).Modules).Name);
        PluginFault fault = Assert.Single(ModuleCatalog.Scan(own.FullName, folder.FullName, ["Gamma"]).Faults);

        Assert.Contains("plugins of [global]", fault.What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plug_in_without_any_export_is_a_fault()
    {
        Directory.CreateDirectory(Path.Combine(folder.FullName, "Words"));
        File.Copy(Path.Combine(PluginsFolder.Built("Alpha"), "Words.dll"), folder.Path("Words"));

        Assert.StartsWith("it exports nothing", Assert.Single(ModuleCatalog.Scan(folder.FullName).Faults).What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_module_without_Shared_is_a_fault()
    {
        PluginFault fault = Assert.Single(ModuleCatalog.Of(typeof(UnsharedModule)).Faults);
        Assert.Equal("UnsharedModule lacks [Shared] beside [SipModule].", fault.What);
    }

    [Fact]
    public void A_class_marked_as_module_that_is_none_is_a_fault()
    {
        PluginFault fault = Assert.Single(ModuleCatalog.Of(typeof(NoModule)).Faults);
        Assert.Equal("NoModule is marked [SipModule], but is no SipModule that can be made.", fault.What);
    }

    [Fact]
    public void Settings_of_a_store_join_the_section_it_names()
    {
        ModuleCatalog catalog = ModuleCatalog.Of(typeof(ChoosingModule), typeof(RedStore), typeof(BlueStore));

        Assert.Empty(catalog.Faults);
        Assert.Equal("module::Choosing", catalog.SectionOf(typeof(ChoosingOptions)));
        Assert.Equal("module::Choosing", catalog.SectionOf(typeof(RedOptions)));
        Assert.Contains(typeof(RedOptions), Assert.Single(catalog.Sections).OptionsTypes);
    }
}
