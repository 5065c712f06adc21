using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Sip.B2bua.RealTests.Phones;

/// <summary>The control connection of baresip (module ctrl_tcp): JSON in netstrings, commands to it, responses and events from it.</summary>
internal sealed class BaresipControl : IDisposable
{
    private readonly TcpClient connection = new();
    private readonly List<string> events = [];
    private readonly StringBuilder history = new();
    private readonly Lock gate = new();

    /// <summary>The types of the events so far (CALL_INCOMING, CALL_RINGING ...), in order.</summary>
    public IReadOnlyList<string> Events
    {
        get
        {
            lock (gate)
            {
                return [.. events];
            }
        }
    }

    /// <summary>Everything that came, for a failed test.</summary>
    public string History
    {
        get
        {
            lock (gate)
            {
                return history.ToString();
            }
        }
    }

    /// <summary>Connects; false while nobody listens yet.</summary>
    public bool TryConnect(string address, int port)
    {
        try
        {
            connection.Connect(address, port);
        }
        catch (SocketException)
        {
            return false;
        }

        _ = Task.Run(ReadAsync);
        return true;
    }

    /// <summary>Sends a command.</summary>
    public async Task SendAsync(string command, string parameters = "")
    {
        string json = JsonSerializer.Serialize(new { command, @params = parameters, token = command });
        await connection.GetStream().WriteAsync(Encoding.UTF8.GetBytes($"{Encoding.UTF8.GetByteCount(json)}:{json},"));
    }

    public void Dispose() => connection.Dispose();

    private async Task ReadAsync()
    {
        byte[] pending = new byte[1 << 16];
        int length = 0;
        try
        {
            int count;
            while ((count = await connection.GetStream().ReadAsync(pending.AsMemory(length))) > 0)
            {
                length += count;
                int used = Take(pending.AsSpan(0, length));
                pending.AsSpan(used, length - used).CopyTo(pending);
                length -= used;
            }
        }
        catch (Exception why) when (why is IOException or ObjectDisposedException)
        {
            // The phone has ended, or the test.
        }
    }

    // A netstring is LENGTH:BYTES, with the comma at its end.
    private int Take(ReadOnlySpan<byte> bytes)
    {
        int used = 0;
        while (true)
        {
            ReadOnlySpan<byte> rest = bytes[used..];
            int colon = rest.IndexOf((byte)':');
            if (colon < 0 || !int.TryParse(rest[..colon], out int length) || colon + 1 + length + 1 > rest.Length)
            {
                return used;
            }

            Note(Encoding.UTF8.GetString(rest.Slice(colon + 1, length)));
            used += colon + 1 + length + 1;
        }
    }

    private void Note(string json)
    {
        using var message = JsonDocument.Parse(json);
        lock (gate)
        {
            history.AppendLine(json);
            if (message.RootElement.TryGetProperty("event", out _))
            {
                events.Add(message.RootElement.GetProperty("type").GetString() ?? "");
            }
        }
    }
}
