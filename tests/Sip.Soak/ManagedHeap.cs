using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Sip.Soak;

/// <summary>
/// Asks another .NET process, at its diagnostic port, to collect its garbage, and how much is then left: what a process holds in memory says
/// little of what it needs. The port is a socket in the temporary folder; it speaks the runtime's diagnostic protocol ("DOTNET_IPC_V1").
/// </summary>
internal static class ManagedHeap
{
    private const byte EventPipe = 2;
    private const byte CollectTracing = 2;
    private const ulong CollectHeap = 0x800000;
    private const int Informational = 4;
    private const int BufferMegabytes = 16;
    private const int NetTraceFormat = 1;
    private static readonly TimeSpan Listening = TimeSpan.FromSeconds(3.5);

    /// <summary>What is left after a full collection, in MB; -1 where the process does not tell.</summary>
    public static int LiveMegabytes(int process)
    {
        string? path = Directory.GetFiles(Path.GetTempPath(), $"dotnet-diagnostic-{process}-*-socket").FirstOrDefault();
        if (path is null)
        {
            return -1;
        }

        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 1000 };
            socket.Connect(new UnixDomainSocketEndPoint(path));
            socket.Send(Request());
            return ReadHeapSize(socket);
        }
        catch (SocketException)
        {
            return -1;
        }
    }

    private static byte[] Request()
    {
        using var payload = new MemoryStream();
        using var writer = new BinaryWriter(payload, Encoding.Unicode);
        writer.Write(BufferMegabytes);
        writer.Write(NetTraceFormat);
        writer.Write(2);
        WriteProvider(writer, CollectHeap, "Microsoft-Windows-DotNETRuntime", "");
        WriteProvider(writer, 0, "System.Runtime", "EventCounterIntervalSec=1");
        byte[] content = payload.ToArray();
        byte[] header = [.. "DOTNET_IPC_V1\0"u8, 0, 0, EventPipe, CollectTracing, 0, 0];
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(14), (ushort)(header.Length + content.Length));
        return [.. header, .. content];
    }

    private static void WriteProvider(BinaryWriter writer, ulong keywords, string name, string arguments)
    {
        writer.Write(keywords);
        writer.Write(Informational);
        foreach (string text in (string[])[name, arguments])
        {
            writer.Write(text.Length + 1);
            writer.Write((text + "\0").ToCharArray());
        }
    }

    // An event of the counter has its name, the name for people, and the value. The last one is of a time after the collection.
    private static int ReadHeapSize(Socket socket)
    {
        byte[] name = Encoding.Unicode.GetBytes("gc-heap-size\0");
        List<byte> events = [];
        byte[] piece = new byte[65536];
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < Listening;)
        {
            int count = socket.Receive(piece, SocketFlags.None, out SocketError error);
            if (error == SocketError.Success && count == 0)
            {
                break;
            }

            events.AddRange(piece.AsSpan(0, count));
        }

        ReadOnlySpan<byte> all = events.ToArray();
        int last = all.LastIndexOf(name);
        if (last < 0)
        {
            return -1;
        }

        ReadOnlySpan<byte> value = all[(last + name.Length)..];
        while (value.Length > 10 && (value[0] | value[1]) != 0)
        {
            value = value[2..];
        }

        return value.Length < 10 ? -1 : (int)BinaryPrimitives.ReadDoubleLittleEndian(value[2..]);
    }
}
