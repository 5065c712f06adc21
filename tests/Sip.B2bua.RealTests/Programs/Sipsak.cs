namespace Sip.B2bua.RealTests.Programs;

/// <summary>sipsak: one request, one answer.</summary>
internal static class Sipsak
{
    /// <summary>Sends OPTIONS and returns what sipsak prints of the exchange; its exit code is 0 when a 200 came.</summary>
    public static async Task<(int ExitCode, string Output)> OptionsAsync(ServerProcess server)
    {
        using var folder = new ScratchFolder("sipsak");
        await using var program = new RunningProgram("sipsak", ["-vv", "-s", $"sip:{server.HostPort}"], folder.Path);
        await program.EndedAsync();
        return (program.ExitCode, program.Output.Text);
    }
}
