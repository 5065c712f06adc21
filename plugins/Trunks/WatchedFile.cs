using Microsoft.Extensions.Logging;

namespace Sip.B2bua.Plugins.Trunks;

/// <summary>
/// A file that is read at the start, where a mistake stops the server, and again when it changes, where a mistake is logged and
/// everything stays as it was.
/// </summary>
/// <param name="path">Names the file; empty: there is none.</param>
/// <param name="take">Reads the text: false when it has a mistake, which is then among the mistakes.</param>
/// <param name="time">The clock.</param>
/// <param name="log">The log.</param>
internal sealed partial class WatchedFile(Func<string> path, Func<string, string, List<string>, bool> take, TimeProvider time, ILogger log) : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly Lock reading = new();
    private ITimer? timer;
    private (string Path, DateTime Written) seen;

    /// <summary>Reads the file and begins to watch it.</summary>
    /// <exception cref="InvalidDataException">It has mistakes; the message has them all.</exception>
    public void Start()
    {
        List<string> mistakes = [];
        if (path().Length > 0 && !TryRead(path(), mistakes))
        {
            throw new InvalidDataException(string.Join(Environment.NewLine, mistakes));
        }

        timer = time.CreateTimer(static file => ((WatchedFile)file!).Look(), this, Period, Period);
    }

    public void Dispose() => timer?.Dispose();

    // On a thread of the timer, never on an event loop.
    private void Look()
    {
        lock (reading)
        {
            string now = path();
            if (now.Length == 0 || !File.Exists(now) || seen == (now, File.GetLastWriteTimeUtc(now)))
            {
                return;
            }

            List<string> mistakes = [];
            if (TryRead(now, mistakes))
            {
                Read(log, now);
                return;
            }

            Kept(log, now);
            foreach (string mistake in mistakes)
            {
                Mistake(log, mistake);
            }
        }
    }

    private bool TryRead(string file, List<string> mistakes)
    {
        try
        {
            seen = (file, File.GetLastWriteTimeUtc(file));
            return take(file, File.ReadAllText(file), mistakes);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            mistakes.Add($"{file}: {fault.Message}");
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "read {Path} again")]
    private static partial void Read(ILogger log, string path);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} cannot be used as it is now; what was read before stays")]
    private static partial void Kept(ILogger log, string path);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Mistake}")]
    private static partial void Mistake(ILogger log, string mistake);
}
