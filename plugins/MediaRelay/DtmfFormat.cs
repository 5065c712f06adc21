using System.Buffers.Text;
using Sip.Messages;
using Sip.Sdp;

namespace Sip.B2bua.Plugins.MediaRelay;

/// <summary>How a party wants telephone events in its RTP (RFC 4733 2.4.1).</summary>
/// <param name="PayloadType">The payload type.</param>
/// <param name="ClockRate">Ticks of the time stamp in a second.</param>
internal sealed record DtmfFormat(int PayloadType, int ClockRate)
{
    /// <summary>Reads it from a media line; null where there is none, or where we cannot write what is not ours to encrypt.</summary>
    public static DtmfFormat? Read(SdpSession session, SdpMedia media)
    {
        if (!media.Kind.SequenceEqual("audio"u8) || !media.Protocol.StartsWith("RTP/AVP"u8))
        {
            return null;
        }

        for (int line = media.FirstLine; line < media.EndLine; line++)
        {
            if (session.TypeAt(line) == (byte)'a' && session.AttributeNameAt(line).SequenceEqual("rtpmap"u8)
                && TryRead(session.AttributeValueAt(line), out DtmfFormat? format))
            {
                return format;
            }
        }

        return null;
    }

    private static bool TryRead(ReadOnlySpan<byte> map, out DtmfFormat? format)
    {
        format = null;
        if (!Utf8Parser.TryParse(map, out int type, out int used) || type is < 0 or > 127)
        {
            return false;
        }

        ReadOnlySpan<byte> encoding = map[used..].Trim((byte)' ');
        int slash = encoding.IndexOf((byte)'/');
        if (slash < 0 || !SipChars.EqualsIgnoreCase(encoding[..slash], "telephone-event"u8)
            || !Utf8Parser.TryParse(encoding[(slash + 1)..], out int rate, out _) || rate is < 8000 or > 192_000)
        {
            return false;
        }

        format = new DtmfFormat(type, rate);
        return true;
    }
}
