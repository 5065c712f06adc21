using Microsoft.Data.Sqlite;

namespace Sip.B2bua.Plugins.SqliteMessages;

/// <summary>The two tables: messages, and for each the devices that it awaits or that have had it. To be used by one thread at a time.</summary>
internal sealed class MessageTables(SqliteConnection connection) : IDisposable
{
    private const string Schema = """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL;
        PRAGMA foreign_keys = ON;
        CREATE TABLE IF NOT EXISTS message (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            address TEXT NOT NULL,
            urgency INTEGER NOT NULL,
            expires INTEGER NOT NULL,
            content BLOB NOT NULL);
        CREATE INDEX IF NOT EXISTS message_address ON message (address, urgency, number);
        CREATE INDEX IF NOT EXISTS message_expires ON message (expires);
        CREATE TABLE IF NOT EXISTS device (
            id TEXT NOT NULL REFERENCES message (id) ON DELETE CASCADE,
            device TEXT NOT NULL,
            awaited INTEGER NOT NULL,
            had INTEGER NOT NULL,
            PRIMARY KEY (id, device)) WITHOUT ROWID;
        """;

    private readonly SqliteConnection connection = connection;

    /// <summary>Makes the tables where they are missing, and proves that they can be written.</summary>
    public static void Create(SqliteConnection connection)
    {
        Run(connection, Schema);
        Run(connection, "PRAGMA user_version = 1");
    }

    public bool TryKeep(KeptMessage message, int maxOfAddress, int maxOfAll, long now)
    {
        using SqliteTransaction transaction = connection.BeginTransaction();
        Run(connection, "DELETE FROM message WHERE expires <= $now", ("$now", now));
        if (!HasRoom("address = $address", message.AddressOfRecord, maxOfAddress) || !HasRoom("$address = $address", message.AddressOfRecord, maxOfAll))
        {
            return false;
        }

        Run(
            connection,
            "INSERT INTO message (id, address, urgency, expires, content) VALUES ($id, $address, $urgency, $expires, $content)",
            ("$id", message.Id),
            ("$address", message.AddressOfRecord),
            ("$urgency", message.Urgency),
            ("$expires", message.Expires.ToUnixTimeMilliseconds()),
            ("$content", message.Content.ToArray()));
        foreach (string device in message.Awaited)
        {
            Note(message.Id, device, awaited: 1, had: 0);
        }

        foreach (string device in message.Delivered)
        {
            Note(message.Id, device, awaited: 0, had: 1);
        }

        transaction.Commit();
        return true;
    }

    public List<KeptMessage> Fetch(string address, long now)
    {
        List<KeptMessage> messages = [];
        using SqliteCommand command = Command(
            connection,
            "SELECT id, urgency, expires, content FROM message WHERE address = $address AND expires > $now ORDER BY urgency, number",
            ("$address", address),
            ("$now", now));
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            string id = reader.GetString(0);
            messages.Add(new KeptMessage
            {
                Id = id,
                AddressOfRecord = address,
                Urgency = reader.GetInt32(1),
                Expires = DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(2)),
                Content = reader.GetFieldValue<byte[]>(3),
                Awaited = Strings("SELECT device FROM device WHERE id = $id AND awaited = 1", ("$id", id)),
                Delivered = Strings("SELECT device FROM device WHERE id = $id AND had = 1", ("$id", id)),
            });
        }

        return messages;
    }

    public bool Delivered(string id, string device)
    {
        using SqliteTransaction transaction = connection.BeginTransaction();
        if (Number("SELECT count(*) FROM message WHERE id = $id", ("$id", id)) == 0)
        {
            return false;
        }

        Note(id, device, awaited: 0, had: 1);
        if (Number("SELECT count(*) FROM device WHERE id = $id AND awaited = 1", ("$id", id)) > 0
            && Number("SELECT count(*) FROM device WHERE id = $id AND awaited = 1 AND had = 0", ("$id", id)) == 0)
        {
            Run(connection, "DELETE FROM message WHERE id = $id", ("$id", id));
        }

        transaction.Commit();
        return true;
    }

    public List<string> Addresses(long now) => Strings("SELECT DISTINCT address FROM message WHERE expires > $now", ("$now", now));

    public void Dispose() => connection.Dispose();

    // What some device has had makes room, the oldest first.
    private bool HasRoom(string where, string address, int most)
    {
        if (Number($"SELECT count(*) FROM message WHERE {where}", ("$address", address)) < most)
        {
            return true;
        }

        using SqliteCommand command = Command(
            connection,
            $"DELETE FROM message WHERE number = (SELECT min(number) FROM message WHERE {where} AND id IN (SELECT id FROM device WHERE had = 1))",
            ("$address", address));
        return command.ExecuteNonQuery() > 0;
    }

    private void Note(string id, string device, int awaited, int had) => Run(
        connection,
        "INSERT INTO device (id, device, awaited, had) VALUES ($id, $device, $awaited, $had) ON CONFLICT (id, device) DO UPDATE SET had = max(had, $had)",
        ("$id", id),
        ("$device", device),
        ("$awaited", awaited),
        ("$had", had));

    private List<string> Strings(string sql, params ReadOnlySpan<(string Name, object Value)> values)
    {
        List<string> strings = [];
        using SqliteCommand command = Command(connection, sql, values);
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            strings.Add(reader.GetString(0));
        }

        return strings;
    }

    private long Number(string sql, params ReadOnlySpan<(string Name, object Value)> values)
    {
        using SqliteCommand command = Command(connection, sql, values);
        return (long)command.ExecuteScalar()!;
    }

    private static void Run(SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object Value)> values)
    {
        using SqliteCommand command = Command(connection, sql, values);
        command.ExecuteNonQuery();
    }

    // The texts are all written here; what comes from outside is a parameter.
    private static SqliteCommand Command(SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object Value)> values)
    {
        SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // no text of a user is in it
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach ((string name, object value) in values)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }
}
