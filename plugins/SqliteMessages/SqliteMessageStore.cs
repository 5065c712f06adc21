using System.Composition;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Sip.B2bua.Plugins.SqliteMessages;

/// <summary>
/// The message store in a file of SQLite. One thread of its own does all the work on it, in order; the loops only await it.
/// </summary>
[Store(typeof(IMessageStore), "sqlite", Options = typeof(SqliteMessagesOptions), Section = "module::Router")]
[Shared]
internal sealed partial class SqliteMessageStore : IMessageStore, IDisposable
{
    private readonly MessageTables tables;
    private readonly DatabaseThread thread;
    private readonly TimeProvider time;

    [ImportingConstructor]
    public SqliteMessageStore(ISettings<SqliteMessagesOptions> settings, TimeProvider time, ILoggerFactory loggers)
    {
        this.time = time;
        SqliteMessagesOptions options = settings.Value;
        string file = options.MessageDatabaseEnabled ? options.MessageDatabaseFile : "";
        if (file.Length == 0)
        {
            InMemory(loggers.CreateLogger("SqliteMessages"));
        }

        tables = new MessageTables(Open(file));
        thread = new DatabaseThread();
    }

    public ValueTask<bool> TryKeepAsync(KeptMessage message, int maxOfAddress, int maxOfAll, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        long now = Now();
        return thread.RunAsync(() => tables.TryKeep(message, maxOfAddress, maxOfAll, now), cancellation);
    }

    public ValueTask<IReadOnlyList<KeptMessage>> FetchAsync(string addressOfRecord, CancellationToken cancellation = default)
    {
        long now = Now();
        return thread.RunAsync<IReadOnlyList<KeptMessage>>(() => tables.Fetch(addressOfRecord, now), cancellation);
    }

    public async ValueTask DeliveredAsync(string id, string device, CancellationToken cancellation = default) =>
        await thread.RunAsync(() => tables.Delivered(id, device), cancellation);

    public ValueTask<IReadOnlyList<string>> AddressesAsync(CancellationToken cancellation = default)
    {
        long now = Now();
        return thread.RunAsync<IReadOnlyList<string>>(() => tables.Addresses(now), cancellation);
    }

    public void Dispose()
    {
        thread.Dispose();
        tables.Dispose();
    }

    private static SqliteConnection Open(string file)
    {
        SqliteConnectionStringBuilder text = new()
        {
            DataSource = file.Length == 0 ? ":memory:" : Path.GetFullPath(file),
            Pooling = false,
        };
        SqliteConnection connection = new(text.ToString());
        try
        {
            if (file.Length > 0 && Path.GetDirectoryName(text.DataSource) is { } folder)
            {
                Directory.CreateDirectory(folder);
            }

            connection.Open();
            MessageTables.Create(connection);
            return connection;
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            connection.Dispose();
            throw new InvalidOperationException(
                $"the messages for absent users cannot be kept in {text.DataSource} ({e.Message}); make the file writable for the server, "
                + "name another with message-database-file, or keep them in memory with message-database-enabled=false", e);
        }
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    [LoggerMessage(Level = LogLevel.Warning, Message = "messages for absent users are kept in memory: a restart loses them")]
    private static partial void InMemory(ILogger log);
}
