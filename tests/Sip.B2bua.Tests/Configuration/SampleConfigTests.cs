using System.Diagnostics;

namespace Sip.B2bua.Tests.Configuration;

/// <summary>
/// etc/sip-b2bua.conf is what the program prints of its defaults, but for one line: passwords are asked for, so that a stranger who
/// starts the server as it is has one that only his users can use. SIP_ACCEPT_CONFIG=1 writes it anew.
/// </summary>
public sealed class SampleConfigTests
{
    private static readonly string File = Path.Combine(Repository.Root, "etc", "sip-b2bua.conf");

    [Fact]
    public async Task The_sample_is_what_the_program_prints_and_asks_for_passwords()
    {
        (int code, string printed) = await RunAsync("--dump-default", "all");
        Assert.True(code == 0, printed);
        string expected = AskForPasswords(printed);
        if (Environment.GetEnvironmentVariable("SIP_ACCEPT_CONFIG") == "1")
        {
            await System.IO.File.WriteAllTextAsync(File, expected);
        }

        Assert.Equal(expected, await System.IO.File.ReadAllTextAsync(File));
    }

    [Fact]
    public async Task The_sample_is_correct()
    {
        (int code, string printed) = await RunAsync("--check", "-c", File);
        Assert.Equal((0, "The configuration is correct.\n"), (code, printed));
    }

    [Fact]
    public async Task Every_default_may_be_written_down()
    {
        string[] sample = await System.IO.File.ReadAllLinesAsync(File);
        string[] lines = [.. sample.Select(line => IsDefault(line) ? line[1..] : line)];
        Assert.InRange(sample.Except(lines).Count(), 100, sample.Length); // there are that many settings at least
        string written = Path.GetTempFileName();
        try
        {
            await System.IO.File.WriteAllLinesAsync(written, lines);
            (int code, string printed) = await RunAsync("--check", "-c", written);
            Assert.Equal((0, "The configuration is correct.\n"), (code, printed));
        }
        finally
        {
            System.IO.File.Delete(written);
        }

        static bool IsDefault(string line) => line.IndexOf('=', StringComparison.Ordinal) is var end && end > 1 && line[0] == '#' && !line.AsSpan(1, end - 1).Contains(' ');
    }

    private static string AskForPasswords(string printed)
    {
        int section = printed.IndexOf("[module::Authentication]", StringComparison.Ordinal);
        int line = printed.IndexOf("#enabled=false\n", section, StringComparison.Ordinal);
        return string.Concat(printed.AsSpan(0, line), "enabled=true\n", printed.AsSpan(line + "#enabled=false\n".Length));
    }

    private static async Task<(int Code, string Printed)> RunAsync(params string[] arguments)
    {
        string built = Path.Combine(Repository.Root, "artifacts", "server", "sip-b2bua.dll");
        var start = new ProcessStartInfo("dotnet", [built, .. arguments]) { RedirectStandardOutput = true };
        start.Environment.Remove("STATE_DIRECTORY");
        start.Environment.Remove("LOGS_DIRECTORY");
        using var program = Process.Start(start)!;
        string printed = await program.StandardOutput.ReadToEndAsync();
        await program.WaitForExitAsync();
        return (program.ExitCode, printed);
    }
}
