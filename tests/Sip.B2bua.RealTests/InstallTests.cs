using System.Diagnostics;
using Xunit;

namespace Sip.B2bua.RealTests;

/// <summary>install.sh as a packager runs it: into a folder. Slow, for it publishes the server.</summary>
[Collection(BuildCollection.Name)]
public sealed class InstallTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("sip-install-").FullName;

    public void Dispose() => Directory.Delete(root, true);

    [Fact]
    public async Task It_installs_upgrades_and_uninstalls_and_keeps_what_is_the_administrators()
    {
        await Install();
        var server = Path.Combine(root, "opt/sip-b2bua/sip-b2bua");
        var config = Path.Combine(root, "etc/sip-b2bua/sip-b2bua.conf");
        Assert.True(File.Exists(Path.Combine(root, "etc/systemd/system/sip-b2bua.service")));
        Assert.True(File.Exists(Path.Combine(root, "etc/sip-b2bua/nlog.config")));
        Assert.True(Directory.Exists(Path.Combine(root, "var/lib/sip-b2bua")));

        // It runs without any .NET of the machine.
        Assert.Contains("correct", await Run(server, new() { ["DOTNET_ROOT"] = "/nowhere" }, "--check", "-c", config), StringComparison.Ordinal);

        // Again, after the administrator changed the configuration and added a plug-in.
        await File.AppendAllTextAsync(config, "# mine\n");
        var plugin = Path.Combine(root, "opt/sip-b2bua/plugins.d/Mine");
        Directory.CreateDirectory(plugin);
        await File.WriteAllTextAsync(Path.Combine(plugin, "note.txt"), "mine");
        await Install();
        Assert.EndsWith("# mine\n", await File.ReadAllTextAsync(config), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(plugin, "note.txt")));

        await Install("--uninstall");
        Assert.False(File.Exists(server));
        Assert.True(File.Exists(config));
        Assert.True(File.Exists(Path.Combine(plugin, "note.txt")));
    }

    private Task<string> Install(params string[] args) =>
        Run(Path.Combine(Checkout(), "install.sh"), new() { ["DESTDIR"] = root }, args);

    private static string Checkout()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "install.sh")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }

    private static async Task<string> Run(string program, Dictionary<string, string> environment, params string[] args)
    {
        var start = new ProcessStartInfo(program, args) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program}: {output}{await error}");
        return output;
    }
}
