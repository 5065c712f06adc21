using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Sip.B2bua.Plugins.CallRecords;

/// <summary>An SQLite file with the tables <c>calls</c> and <c>legs</c>; times are UTC in ISO 8601. Used by one thread at a time.</summary>
internal sealed class RecordDatabase(string path) : IDisposable
{
    private const string Schema = """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL;
        PRAGMA foreign_keys = ON;
        CREATE TABLE IF NOT EXISTS calls (
            call INTEGER PRIMARY KEY,
            id TEXT NOT NULL,
            begun TEXT NOT NULL,
            rang TEXT,
            answered TEXT,
            ended TEXT,
            seconds REAL NOT NULL,
            caller TEXT NOT NULL,
            called TEXT NOT NULL,
            answered_by TEXT NOT NULL,
            code INTEGER NOT NULL,
            ended_by TEXT NOT NULL,
            reason TEXT NOT NULL,
            trail TEXT NOT NULL);
        CREATE INDEX IF NOT EXISTS calls_begun ON calls (begun);
        CREATE TABLE IF NOT EXISTS legs (
            call INTEGER NOT NULL REFERENCES calls ON DELETE CASCADE,
            number INTEGER NOT NULL,
            party TEXT NOT NULL,
            call_id TEXT NOT NULL,
            address TEXT NOT NULL,
            transport TEXT NOT NULL,
            user_agent TEXT NOT NULL,
            code INTEGER NOT NULL,
            PRIMARY KEY (call, number)) WITHOUT ROWID;
        """;

    private const string InsertCall = """
        INSERT INTO calls (id, begun, rang, answered, ended, seconds, caller, called, answered_by, code, ended_by, reason, trail)
        VALUES ($id, $begun, $rang, $answered, $ended, $seconds, $caller, $called, $answered_by, $code, $ended_by, $reason, $trail)
        RETURNING call
        """;

    private const string InsertLeg = """
        INSERT INTO legs (call, number, party, call_id, address, transport, user_agent, code)
        VALUES ($call, $number, $party, $call_id, $address, $transport, $user_agent, $code)
        """;

    private readonly SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());

    /// <summary>How long the two talked, in seconds; 0 for a call that nobody answered.</summary>
    public static double SecondsOf(CallRecord call) =>
        call is { Answered: { } answered, Ended: { } ended } ? Math.Round((ended - answered).TotalSeconds, 3) : 0;

    /// <summary>Opens the file, makes what is missing; throws what SQLite says.</summary>
    public void Open()
    {
        connection.Open();
        using SqliteCommand schema = connection.CreateCommand();
        schema.CommandText = Schema;
        schema.ExecuteNonQuery();
    }

    /// <summary>Writes the records, all or none.</summary>
    public void Write(IReadOnlyList<CallEntry> entries)
    {
        using SqliteTransaction transaction = connection.BeginTransaction();
        using SqliteCommand insertCall = connection.CreateCommand();
        insertCall.CommandText = InsertCall;
        using SqliteCommand insertLeg = connection.CreateCommand();
        insertLeg.CommandText = InsertLeg;
        foreach (CallEntry entry in entries)
        {
            long call = Insert(insertCall, entry.Call);
            foreach (LegEntry leg in entry.Legs)
            {
                Insert(insertLeg, call, leg);
            }
        }

        transaction.Commit();
    }

    /// <summary>Deletes the calls that began before a time.</summary>
    public void Forget(DateTimeOffset before)
    {
        using SqliteCommand delete = connection.CreateCommand();
        delete.CommandText = "DELETE FROM calls WHERE begun < $before";
        Set(delete, "$before", Text(before));
        delete.ExecuteNonQuery();
    }

    public void Dispose() => connection.Dispose();

    private static long Insert(SqliteCommand insert, CallRecord call)
    {
        Set(insert, "$id", call.Id);
        Set(insert, "$begun", Text(call.Begun));
        Set(insert, "$rang", Text(call.Rang));
        Set(insert, "$answered", Text(call.Answered));
        Set(insert, "$ended", Text(call.Ended));
        Set(insert, "$seconds", SecondsOf(call));
        Set(insert, "$caller", call.Caller);
        Set(insert, "$called", call.Called);
        Set(insert, "$answered_by", call.AnsweredBy);
        Set(insert, "$code", call.Code);
        Set(insert, "$ended_by", call.EndedBy);
        Set(insert, "$reason", call.Reason);
        Set(insert, "$trail", string.Join('\n', call.Trail));
        return (long)insert.ExecuteScalar()!;
    }

    private static void Insert(SqliteCommand insert, long call, LegEntry leg)
    {
        Set(insert, "$call", call);
        Set(insert, "$number", leg.Number);
        Set(insert, "$party", leg.Party);
        Set(insert, "$call_id", leg.CallId);
        Set(insert, "$address", leg.Address);
        Set(insert, "$transport", leg.Transport);
        Set(insert, "$user_agent", leg.UserAgent);
        Set(insert, "$code", leg.Code);
        insert.ExecuteNonQuery();
    }

    private static string? Text(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    private static void Set(SqliteCommand command, string name, object? value)
    {
        if (command.Parameters.Contains(name))
        {
            command.Parameters[name].Value = value ?? DBNull.Value;
        }
        else
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }
    }
}
