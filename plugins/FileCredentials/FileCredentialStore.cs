using System.Composition;
using Microsoft.Extensions.Logging;

namespace Sip.B2bua.Plugins.FileCredentials;

/// <summary>
/// The users and passwords of a text file. Read at the start, where a mistake stops the server, and again when the file changes,
/// where a mistake is logged and the users stay as they were. Looking a user up touches no file.
/// </summary>
[Store(typeof(ICredentialStore), "file", Options = typeof(FileCredentialsOptions), Section = "module::Authentication")]
[Shared]
internal sealed partial class FileCredentialStore : ICredentialStore, IDisposable
{
    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(5);

    private readonly ISettings<FileCredentialsOptions> settings;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly ITimer watch;
    private readonly Lock reading = new();
    private volatile UserFile users;
    private string readPath = "";
    private DateTime readVersion;
    private long readAt;

    [ImportingConstructor]
    public FileCredentialStore(ISettings<FileCredentialsOptions> settings, TimeProvider time, ILoggerFactory loggers)
    {
        this.settings = settings;
        this.time = time;
        log = loggers.CreateLogger("FileCredentials");
        users = UserFile.Empty;
        List<string> mistakes = [];
        string path = settings.Value.FilePath;
        if (path.Length > 0 && !File.Exists(path))
        {
            Absent(log, path); // nobody has a password, so nobody gets in; the file may still come
        }
        else if (path.Length > 0 && !TryRead(path, mistakes))
        {
            throw new InvalidDataException(string.Join(Environment.NewLine, mistakes));
        }

        watch = time.CreateTimer(static store => ((FileCredentialStore)store!).Look(), this, LookPeriod, LookPeriod);
    }

    public ValueTask<Credential?> FindAsync(string user, string domain, CancellationToken cancellation = default) => new(users.Find(user, domain));

    public bool KnowsDomain(string domain) => users.KnowsDomain(domain);

    public void Dispose() => watch.Dispose();

    // On a thread of the timer, never on an event loop.
    private void Look()
    {
        lock (reading)
        {
            FileCredentialsOptions options = settings.Value;
            if (options.FilePath.Length == 0 || !File.Exists(options.FilePath))
            {
                return;
            }

            bool expired = time.GetElapsedTime(readAt) >= options.CacheExpire;
            if (!expired && options.FilePath == readPath && File.GetLastWriteTimeUtc(options.FilePath) == readVersion)
            {
                return;
            }

            List<string> mistakes = [];
            if (TryRead(options.FilePath, mistakes))
            {
                Read(log, options.FilePath, users.Count);
                return;
            }

            Kept(log, options.FilePath);
            foreach (string mistake in mistakes)
            {
                Mistake(log, mistake);
            }
        }
    }

    private bool TryRead(string path, List<string> mistakes)
    {
        try
        {
            readPath = path;
            readAt = time.GetTimestamp();
            readVersion = File.GetLastWriteTimeUtc(path);
            if (UserFileReader.Read(path, File.ReadAllText(path), mistakes) is not { } read)
            {
                return false;
            }

            users = read;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            mistakes.Add($"{path}: {e.Message}");
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "there is no {Path}: no user has a password until it is there")]
    private static partial void Absent(ILogger log, string path);

    [LoggerMessage(Level = LogLevel.Information, Message = "read {Path}: {Count} users")]
    private static partial void Read(ILogger log, string path, int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} cannot be used as it is now; the users read before stay")]
    private static partial void Kept(ILogger log, string path);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Mistake}")]
    private static partial void Mistake(ILogger log, string mistake);
}
