using System.Buffers.Text;
using System.Text;
using Sip.Messages;

namespace Sip.B2bua.Plugins.MediaRelay;

/// <summary>A key that was pressed: an event of RFC 4733 3.2 and its length, and how INFO writes it.</summary>
/// <param name="Event">0 to 9; 10 and 11 for * and #; 12 to 15 for A to D; 16 for a flash of the hook.</param>
/// <param name="Milliseconds">How long it lasts.</param>
internal readonly record struct DtmfTone(byte Event, int Milliseconds)
{
    private const string Keys = "0123456789*#ABCD!";
    private const int Default = 160;
    private const int Shortest = 40;
    private const int Longest = 5000;

    /// <summary>Reads <c>application/dtmf-relay</c> (lines Signal and Duration) or <c>application/dtmf</c> (the key alone).</summary>
    public static bool TryRead(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body, out DtmfTone tone)
    {
        int milliseconds = Default;
        int key = -1;
        if (IsType(contentType, "application/dtmf"u8))
        {
            key = KeyOf(ValueOf(body.IndexOf((byte)'=') < 0 ? body : LineOf(body, "Signal"u8)));
        }
        else if (IsType(contentType, "application/dtmf-relay"u8))
        {
            key = KeyOf(LineOf(body, "Signal"u8));
            if (Utf8Parser.TryParse(LineOf(body, "Duration"u8), out int given, out _))
            {
                milliseconds = int.Clamp(given, Shortest, Longest);
            }
        }

        tone = new DtmfTone((byte)int.Max(key, 0), milliseconds);
        return key >= 0;
    }

    /// <summary>The body of an INFO that says the same.</summary>
    public byte[] ToRelay() => Encoding.ASCII.GetBytes($"Signal={Keys[Event]}\r\nDuration={Milliseconds}\r\n");

    /// <summary>Whether this is an event that INFO can name.</summary>
    public static bool IsKey(byte number) => number < Keys.Length;

    private static bool IsType(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> type)
    {
        int end = contentType.IndexOf((byte)';');
        return SipChars.EqualsIgnoreCase(ValueOf(end < 0 ? contentType : contentType[..end]), type);
    }

    private static ReadOnlySpan<byte> LineOf(ReadOnlySpan<byte> body, ReadOnlySpan<byte> name)
    {
        foreach (Range range in body.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = body[range];
            int equals = line.IndexOf((byte)'=');
            if (equals >= 0 && SipChars.EqualsIgnoreCase(ValueOf(line[..equals]), name))
            {
                return ValueOf(line[(equals + 1)..]);
            }
        }

        return default;
    }

    private static ReadOnlySpan<byte> ValueOf(ReadOnlySpan<byte> text) => text.Trim(" \t\r\n"u8);

    // Some phones write the number of the event for keys that have no digit.
    private static int KeyOf(ReadOnlySpan<byte> text)
    {
        if (text.Length == 1)
        {
            byte key = text[0] is >= (byte)'a' and <= (byte)'d' ? (byte)(text[0] - 32) : text[0];
            return Keys.IndexOf((char)key, StringComparison.Ordinal);
        }

        return Utf8Parser.TryParse(text, out int number, out int used) && used == text.Length && number is >= 10 and <= 16 ? number : -1;
    }
}
