using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Sip.B2bua.RealTests.Programs;

/// <summary>A program that a test has started. It is gone when the test ends, however that ends.</summary>
internal sealed partial class RunningProgram : IAsyncDisposable
{
    private const int TerminateSignal = 15;
    private readonly Process process;
    private readonly Task reading;

    /// <summary>Starts a program in a folder. Throws, with the package that has it, when there is no such program.</summary>
    public RunningProgram(string file, IEnumerable<string> arguments, string folder, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        CommandLine = file + " " + string.Join(' ', start.ArgumentList);
        process = Process.Start(start) ?? throw new InvalidOperationException($"{file} did not start");
        reading = Task.WhenAll(Output.ReadAsync(process.StandardOutput), Output.ReadAsync(process.StandardError));
    }

    /// <summary>What was started.</summary>
    public string CommandLine { get; }

    /// <summary>Its standard output and standard error.</summary>
    public Transcript Output { get; } = new();

    /// <summary>Its process id.</summary>
    public int Id => process.Id;

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => process.HasExited;

    /// <summary>Its exit code, after its end.</summary>
    public int ExitCode => process.ExitCode;

    /// <summary>The memory it holds, in bytes.</summary>
    public long ResidentBytes
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64;
        }
    }

    /// <summary>Types a line.</summary>
    public async Task TypeAsync(string line)
    {
        await process.StandardInput.WriteAsync(line + "\n");
        await process.StandardInput.FlushAsync();
    }

    /// <summary>Asks it to end (SIGTERM).</summary>
    public void Terminate() => Kill(process.Id, TerminateSignal);

    /// <summary>Ends it and what it started, at once (SIGKILL): it cannot say good-bye to anybody.</summary>
    public void KillNow()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Waits for its end and for the last of its output.</summary>
    public async Task EndedAsync(double seconds = 20)
    {
        await Wait.ForAsync(() => process.HasExited, $"the end of {CommandLine}", () => Output.Tail(), seconds);
        await reading.WaitAsync(TimeSpan.FromSeconds(5));
    }

    public async ValueTask DisposeAsync()
    {
        KillNow();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
