using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Sip.B2bua.Plugins.Router;

/// <summary>The file with the diversions of users: read at the start, and again when it has changed.</summary>
internal sealed partial class DiversionsFile(ISettings<RouterOptions> settings, TimeProvider time, ILogger log) : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    private ITimer? timer;
    private UserDiversions current = UserDiversions.None;
    private (string Path, DateTime Written) read;

    /// <summary>The diversions as they are now.</summary>
    public UserDiversions Current => Volatile.Read(ref current);

    /// <summary>Reads the file and begins to watch it.</summary>
    /// <exception cref="InvalidOperationException">It cannot be read; the message says why.</exception>
    public void Start()
    {
        if (!settings.Value.EnableCallDiversions)
        {
            return;
        }

        string path = settings.Value.CallDiversionsFile;
        try
        {
            Read(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new InvalidOperationException($"call-diversions-file {path}: {fault.Message}", fault);
        }

        timer = time.CreateTimer(static file => ((DiversionsFile)file!).Look(), this, Period, Period);
    }

    public void Dispose() => timer?.Dispose();

    private void Look()
    {
        string path = settings.Value.CallDiversionsFile;
        try
        {
            if (read != (path, File.GetLastWriteTimeUtc(path)))
            {
                Read(path);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException)
        {
            Unreadable(log, path, fault.Message);
        }
    }

    private void Read(string path)
    {
        DateTime written = File.GetLastWriteTimeUtc(path);
        Volatile.Write(ref current, UserDiversions.Read(File.ReadAllText(path)));
        read = (path, written);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "call-diversions-file {Path} cannot be read, the diversions stay as they were: {Fault}")]
    private static partial void Unreadable(ILogger log, string path, string fault);
}
