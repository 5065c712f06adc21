using System.Diagnostics;
using System.Text.RegularExpressions;
using Sip.B2bua.RealTests.Programs;
using Xunit;

namespace Sip.B2bua.RealTests;

/// <summary>What README.md and docs/module.md tell a stranger to do, done.</summary>
[Collection(BuildCollection.Name)]
public sealed partial class ReadmeTests
{
    private static readonly string Checkout = FindCheckout();

    [Fact]
    public async Task Run_sh_starts_a_server_prints_what_to_type_into_two_phones_and_ends_when_asked()
    {
        using var folder = new ScratchFolder("run");
        string address = Loopback.NextAddress();
        int port = Loopback.NextServerPort();
        await using var run = new RunningProgram(
            Path.Combine(Checkout, "run.sh"),
            ["-t", $"sip:{address}:{port}"],
            folder.Path,
            new Dictionary<string, string> { ["STATE_DIRECTORY"] = folder.File("state"), ["LOGS_DIRECTORY"] = folder.File("log") });

        // It builds first.
        await Wait.ForAsync(() => run.HasEnded || run.Output.Has("transport=tcp"), "run.sh", () => run.Output.Tail(), seconds: 240);
        string told = run.Output.Text;
        Assert.Matches(@"user +alice +bob\n", told);
        Assert.Matches(@"password +[A-Za-z0-9]{16} +[A-Za-z0-9]{16}\n", told);
        Assert.Matches($@"domain +{Regex.Escape(address)} +{Regex.Escape(address)}\n", told);
        await using var sipsak = new RunningProgram("sipsak", ["-s", $"sip:{address}:{port}"], folder.Path);
        await sipsak.EndedAsync();
        Assert.True(sipsak.ExitCode == 0, sipsak.Output.Text + run.Output.Tail());

        run.Terminate();
        await run.EndedAsync();
        Assert.True(run.ExitCode == 0, run.Output.Tail());
    }

    [Theory]
    [InlineData("The configuration is correct.", "--check")]
    [InlineData("[module::Registrar]", "--dump-default", "all")]
    [InlineData("Authentication\n", "--list-modules")]
    [InlineData("The configuration is correct.", "--check", "-s", "module::Router/enabled=false")]
    [InlineData("0.", "--version")]
    [InlineData("--dump-default", "--help")]
    public async Task The_options_that_it_names_do_what_they_say(string expected, params string[] options)
    {
        Assert.Contains(options[0], await File.ReadAllTextAsync(Path.Combine(Checkout, "README.md")), StringComparison.Ordinal);
        using var folder = new ScratchFolder("options");
        await using var program = new RunningProgram(
            Path.Combine(Checkout, "artifacts", "server", "sip-b2bua"), ["-c", Path.Combine(Checkout, "etc", "sip-b2bua.conf"), .. options], folder.Path);
        await program.EndedAsync();
        Assert.True(program.ExitCode == 0, program.Output.Text);
        Assert.Contains(expected, program.Output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_module_builds_as_the_documentation_says_and_the_server_finds_it()
    {
        using var folder = new ScratchFolder("greeter");
        string readme = await File.ReadAllTextAsync(Path.Combine(Checkout, "README.md"));
        string module = await File.ReadAllTextAsync(Path.Combine(Checkout, "docs", "module.md"));
        folder.Write("GreeterModule.cs", CSharp().Match(readme).Groups[1].Value);
        folder.Write("Greeter.csproj", Xml().Match(module).Groups[1].Value);
        string plugins = folder.File("plugins.d");
        string server = Path.Combine(Checkout, "artifacts", "server");

        await RunAsync("dotnet", folder.Path, "build", "-c", "Release", "--nologo", "-nodeReuse:false", $"-p:SipB2bua={server}", "-o", Path.Combine(plugins, "Greeter"));
        string listed = await RunAsync(
            Path.Combine(server, "sip-b2bua"), folder.Path, "--list-modules", "-c", Path.Combine(Checkout, "etc", "sip-b2bua.conf"), "-s", $"global/plugins-dir={plugins}");

        Assert.Contains("Greeter\n", listed, StringComparison.Ordinal);
    }

    private static async Task<string> RunAsync(string program, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, WorkingDirectory = folder };
        using var process = Process.Start(start)!;
        string printed = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, printed);
        return printed;
    }

    private static string FindCheckout()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "README.md")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run in a checkout.");
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharp();

    [GeneratedRegex("```xml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Xml();
}
