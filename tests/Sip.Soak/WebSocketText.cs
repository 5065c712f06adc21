using System.Buffers.Binary;
using System.Text;

namespace Sip.Soak;

/// <summary>WebSocket by hand (RFC 6455), good and bad: .NET's client makes no mistakes.</summary>
internal static class WebSocketText
{
    public const int TextFrame = 0x1;
    public const int BinaryFrame = 0x2;

    /// <summary>The request that opens one.</summary>
    public static byte[] Handshake(string path = "/") => Encoding.ASCII.GetBytes(
        $"GET {path} HTTP/1.1\r\nHost: soak.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: sip\r\nSec-WebSocket-Version: 13\r\n\r\n");

    /// <summary>A masked frame. The mask is of zeroes, which is as good as any other.</summary>
    public static byte[] Frame(ReadOnlySpan<byte> payload, int opcode = TextFrame, bool final = true)
    {
        byte[] frame = new byte[14 + payload.Length];
        frame[0] = (byte)((final ? 0x80 : 0) | opcode);
        int head;
        if (payload.Length < 126)
        {
            frame[1] = (byte)(0x80 | payload.Length);
            head = 2;
        }
        else if (payload.Length <= ushort.MaxValue)
        {
            frame[1] = 0x80 | 126;
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
            head = 4;
        }
        else
        {
            frame[1] = 0x80 | 127;
            BinaryPrimitives.WriteUInt64BigEndian(frame.AsSpan(2), (ulong)payload.Length);
            head = 10;
        }

        payload.CopyTo(frame.AsSpan(head + 4));
        return frame[..(head + 4 + payload.Length)];
    }
}
