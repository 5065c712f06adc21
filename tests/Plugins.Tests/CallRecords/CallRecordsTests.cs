using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Sip.B2bua;
using Sip.B2bua.Plugins.CallRecords;

namespace Plugins.Tests.CallRecords;

/// <summary>Records in a real file and a real database.</summary>
public sealed class CallRecordsTests : IDisposable
{
    private readonly TestClock clock = new();
    private readonly string folder = Directory.CreateTempSubdirectory("call-records").FullName;

    private string JsonFile => Path.Combine(folder, "calls.jsonl");

    private string DatabaseFile => Path.Combine(folder, "calls.db");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_call_is_a_line_of_JSON_with_both_legs_and_the_trail()
    {
        await RecordAsync(Call("c1"));
        using JsonDocument json = JsonDocument.Parse(Assert.Single(await File.ReadAllLinesAsync(JsonFile)));
        JsonElement call = json.RootElement;
        Assert.Equal("c1", call.GetProperty("id").GetString());
        Assert.Equal("sip:alice@example.org", call.GetProperty("caller").GetString());
        Assert.Equal(clock.GetUtcNow(), call.GetProperty("begun").GetDateTimeOffset());
        Assert.Equal(61.5, call.GetProperty("seconds").GetDouble());
        Assert.Equal("hung up", call.GetProperty("reason").GetString());
        Assert.Equal(["Router: 1 contact"], call.GetProperty("trail").EnumerateArray().Select(t => t.GetString()!));
        JsonElement[] legs = [.. call.GetProperty("legs").EnumerateArray()];
        Assert.Equal(2, legs.Length);
        Assert.Equal("198.51.100.2:5060", legs[1].GetProperty("address").GetString());
        Assert.Equal("udp", legs[1].GetProperty("transport").GetString());
    }

    [Fact]
    public async Task The_database_holds_the_same()
    {
        await RecordAsync(Call("c1"));
        Assert.Equal("c1|2026-11-22T12:00:00.000Z|61.5|200|caller|hung up", Ask("SELECT id || '|' || begun || '|' || seconds || '|' || code || '|' || ended_by || '|' || reason FROM calls"));
        Assert.Equal("0 198.51.100.1:5060,1 198.51.100.2:5060", Ask("SELECT group_concat(number || ' ' || address) FROM legs"));
    }

    [Fact]
    public async Task A_call_that_nobody_answered_has_no_length()
    {
        await RecordAsync(new CallEntry(Call("c1").Call with { Answered = null, Code = 486, EndedBy = "callee", Reason = "Busy Here" }, []));
        Assert.Equal("0.0 486", Ask("SELECT seconds || ' ' || code FROM calls WHERE answered IS NULL"));
    }

    [Fact]
    public async Task What_a_phone_sends_can_neither_begin_a_line_nor_a_statement()
    {
        const string name = "sip:x\r\n{\"id\":\"forged\"}\u2028'); DROP TABLE calls; --";
        await RecordAsync(new CallEntry(Call("c1").Call with { Caller = name }, []));
        string line = Assert.Single(await File.ReadAllLinesAsync(JsonFile));
        Assert.Equal(name, JsonDocument.Parse(line).RootElement.GetProperty("caller").GetString());
        Assert.Equal(name, Ask("SELECT caller FROM calls"));
    }

    [Fact]
    public async Task A_file_that_was_moved_away_is_begun_anew()
    {
        RecordWriter writer = Start();
        writer.Add(Call("c1"));
        await WaitForAsync("SELECT count(*) FROM calls", "1");
        File.Move(JsonFile, JsonFile + ".1");
        writer.Add(Call("c2"));
        await writer.StopAsync();
        Assert.Contains("\"c1\"", Assert.Single(await File.ReadAllLinesAsync(JsonFile + ".1")));
        Assert.Contains("\"c2\"", Assert.Single(await File.ReadAllLinesAsync(JsonFile)));
    }

    [Fact]
    public async Task The_database_forgets_what_is_older_than_keep()
    {
        await RecordAsync(Call("old"));
        clock.Advance(TimeSpan.FromDays(91));
        await RecordAsync(Call("new"));
        Assert.Equal("new", Ask("SELECT group_concat(id) FROM calls"));
        Assert.Equal("2", Ask("SELECT count(*) FROM legs"));
        Assert.Equal(2, (await File.ReadAllLinesAsync(JsonFile)).Length);
    }

    [Fact]
    public void A_folder_that_is_not_there_stops_the_start_with_its_name()
    {
        RecordWriter writer = Make(new CallRecordsOptions { File = Path.Combine(folder, "no/such/calls.jsonl"), Database = "" });
        Assert.Contains("no/such", Assert.Throws<InvalidOperationException>(writer.Start).Message);
    }

    [Fact]
    public async Task More_records_than_may_wait_are_dropped_and_counted()
    {
        RecordWriter writer = Make(new CallRecordsOptions { File = JsonFile, Database = "", MaxQueue = 2 });
        for (int i = 0; i < 5; i++)
        {
            writer.Add(Call("c" + i)); // nobody writes yet
        }

        Assert.Equal(3, writer.Dropped);
        writer.Start();
        await writer.StopAsync();
        Assert.Equal(2, (await File.ReadAllLinesAsync(JsonFile)).Length);
    }

    [Fact]
    public void Neither_file_nor_database_is_a_mistake() =>
        Assert.Equal("file", Assert.Single(new CallRecordsOptions { File = "", Database = "" }.Check()).Key);

    private CallEntry Call(string id)
    {
        DateTimeOffset begun = clock.GetUtcNow();
        CallRecord call = new()
        {
            Id = id,
            Caller = "sip:alice@example.org",
            Called = "sip:bob@example.org",
            AnsweredBy = "bob@example.org",
            Begun = begun,
            Rang = begun.AddSeconds(1),
            Answered = begun.AddSeconds(2),
            Ended = begun.AddSeconds(63.5),
            Code = 200,
            EndedBy = "caller",
            Reason = "hung up",
            Trail = ["Router: 1 contact"],
        };
        return new CallEntry(call,
        [
            new LegEntry(0, "sip:alice@example.org", "a@a", "198.51.100.1:5060", "tcp", "Phone A", 200),
            new LegEntry(1, "bob@example.org", "b@b", "198.51.100.2:5060", "udp", "Phone B", 200),
        ]);
    }

    private async Task RecordAsync(CallEntry entry)
    {
        RecordWriter writer = Start();
        writer.Add(entry);
        await writer.StopAsync();
    }

    private RecordWriter Start()
    {
        RecordWriter writer = Make(new CallRecordsOptions { File = JsonFile, Database = DatabaseFile });
        writer.Start();
        return writer;
    }

    private RecordWriter Make(CallRecordsOptions options) => new(options, clock, NullLogger.Instance);

    private string? Ask(string query)
    {
        using SqliteConnection connection = new($"Data Source={DatabaseFile};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = query;
        return command.ExecuteScalar()?.ToString();
    }

    // The writer works on a thread of its own; how long the disk takes is not ours to know.
    private async Task WaitForAsync(string query, string expected)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(20));
        while (Ask(query) != expected)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
