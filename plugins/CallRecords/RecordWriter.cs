using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Sip.B2bua.Plugins.CallRecords;

/// <summary>
/// Takes records from the event loops and writes them behind their backs, all that wait at a time: no loop ever waits for a disk, and a
/// disk that fails costs records, never calls.
/// </summary>
internal sealed partial class RecordWriter
{
    private static readonly TimeSpan PrunePeriod = TimeSpan.FromHours(1);

    private readonly Channel<CallEntry> queue;
    private readonly CallRecordsOptions options;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly RecordFile? file;
    private readonly RecordDatabase? database;
    private Task work = Task.CompletedTask;
    private long dropped;
    private long reported;
    private DateTimeOffset pruned;
    private bool failing;

    public RecordWriter(CallRecordsOptions options, TimeProvider time, ILogger log)
    {
        this.options = options;
        this.time = time;
        this.log = log;
        queue = Channel.CreateBounded<CallEntry>(new BoundedChannelOptions(options.MaxQueue) { SingleReader = true });
        file = options.File.Length > 0 ? new RecordFile(options.File) : null;
        database = options.Database.Length > 0 ? new RecordDatabase(options.Database) : null;
    }

    /// <summary>How many records were dropped: the queue was full, or the disk refused them.</summary>
    public long Dropped => Interlocked.Read(ref dropped);

    /// <summary>Opens file and database; throws what stands in the way, in words.</summary>
    public void Start()
    {
        try
        {
            file?.Open();
            database?.Open();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or SqliteException)
        {
            throw new InvalidOperationException($"call records cannot be written: {fault.Message}", fault);
        }

        work = Task.Run(WriteAsync);
    }

    /// <summary>Hands over a record; never waits.</summary>
    public void Add(CallEntry entry)
    {
        if (!queue.Writer.TryWrite(entry))
        {
            Interlocked.Increment(ref dropped);
        }
    }

    /// <summary>Writes what is left and closes.</summary>
    public async Task StopAsync()
    {
        queue.Writer.TryComplete();
        await work;
        database?.Dispose();
    }

    private async Task WriteAsync()
    {
        List<CallEntry> batch = [];
        while (await queue.Reader.WaitToReadAsync())
        {
            while (queue.Reader.TryRead(out CallEntry? entry))
            {
                batch.Add(entry);
            }

            Write(batch);
            batch.Clear();
            ReportDropped();
        }
    }

    private void Write(List<CallEntry> batch)
    {
        bool good = Try(() => file?.Write(batch), batch.Count);
        good &= Try(() => database?.Write(batch), batch.Count);
        if (good && failing)
        {
            Recovered(log);
        }

        failing = !good;
        DateTimeOffset now = time.GetUtcNow();
        if (options.Keep > TimeSpan.Zero && now - pruned >= PrunePeriod)
        {
            pruned = now;
            Try(() => database?.Forget(now - options.Keep), 0);
        }
    }

    // A full disk is told once, not once for each call.
    private bool Try(Action write, int count)
    {
        try
        {
            write();
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or SqliteException)
        {
            Interlocked.Add(ref dropped, count);
            if (!failing)
            {
                NotWritten(log, fault.Message);
            }

            return false;
        }
    }

    private void ReportDropped()
    {
        long now = Dropped;
        if (now > reported && !failing)
        {
            DroppedSome(log, now - reported);
            reported = now;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "call records cannot be written: {Reason}")]
    private static partial void NotWritten(ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "call records are written again")]
    private static partial void Recovered(ILogger log);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} call records were dropped")]
    private static partial void DroppedSome(ILogger log, long count);
}
