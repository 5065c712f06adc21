using System.Diagnostics;
using Sip.B2bua.Configuration;
using Sip.B2bua.Modules;

namespace Sip.B2bua.Tests.Modules;

/// <summary>A plug-in that somebody else has built, outside the repository and against nothing but the DLLs of the contract.</summary>
public sealed class ThirdPartyTests : IDisposable
{
    private const string Options = "OPTIONS sip:192.0.2.9 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n"
        + "From: <sip:alice@example.com>;tag=a\r\nTo: <sip:192.0.2.9>\r\nCall-ID: c1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";

    private readonly PluginsFolder own = new PluginsFolder().Add("Alpha").Add("Beta");
    private readonly PluginsFolder further = new();
    private readonly string source = Directory.CreateTempSubdirectory("greeter-").FullName;

    public void Dispose()
    {
        own.Dispose();
        further.Dispose();
        Directory.Delete(source, recursive: true);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task A_plug_in_built_elsewhere_is_found_configured_and_runs_in_its_place()
    {
        await BuildAsync();
        ModuleCatalog catalog = ModuleCatalog.Scan(own.FullName, further.FullName);
        Assert.Empty(catalog.Faults);
        Assert.Equal(["Beta", "Greeter", "Alpha"], catalog.Modules.Select(module => module.Name));

        FlexisipIni file = FlexisipIni.FromText("test.conf", "[module::Greeter]\nenabled=true\ngreeting=Good morning\n[module::Alpha]\nfilter=false\n");
        BoundConfiguration bound = OptionsBinder.Bind(catalog.Sections, file);
        Assert.Empty(bound.Mistakes);
        ModuleSettings settings = new(catalog, new LiveSettings(bound));
        using ModuleHost host = ModuleHost.Compose(
            catalog, new TestSurroundings().Build() with { SettingsOf = settings.Of, FilterOf = settings.FilterOf });

        using PipelineFixture fixture = new();
        RequestPipeline pipeline = host.CreatePipeline(fixture.Loop);
        TestRequest options = new(fixture.Loop, TestRequest.Parse(Options));
        Assert.Equal(Verdict.Done, PipelineFixture.RunAtOnce(pipeline, options));
        Assert.Equal((200, "Good morning"), (options.Answer, options.Reason));
        Assert.Equal("Beta: words 2", options.Trail.ToString());

        TestRequest invite = fixture.NewRequest();
        Assert.Equal(Verdict.Continue, PipelineFixture.RunAtOnce(pipeline, invite));
    }

    private async Task BuildAsync()
    {
        foreach (string file in Directory.GetFiles(Path.Combine(Repository.Root, "tests", "ThirdParty", "Greeter")))
        {
            File.Copy(file, Path.Combine(source, Path.GetFileName(file)));
        }

        string output = Path.Combine(further.FullName, "Greeter");
        ProcessStartInfo start = new("dotnet", ["build", "-nodeReuse:false", "--nologo", "-o", output, $"-p:SipB2bua={AppContext.BaseDirectory.TrimEnd('/')}"])
        {
            WorkingDirectory = source,
            RedirectStandardOutput = true,
        };

        // What the build that runs this test has left in the environment is not the stranger's.
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment["TMPDIR"] = source; // what it leaves behind goes with the folder
        using Process build = Process.Start(start)!;
        string said = await build.StandardOutput.ReadToEndAsync();
        await build.WaitForExitAsync();
        Assert.True(build.ExitCode == 0, said);
    }
}
