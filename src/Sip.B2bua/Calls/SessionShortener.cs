using Sip.Messages;
using Sip.Sdp;

namespace Sip.B2bua.Calls;

/// <summary>
/// Makes a session description shorter for a party that cannot take long messages: first without attributes that only make media
/// better, then, in an offer, with media other than audio refused by port 0. Belongs to one loop.
/// </summary>
internal sealed class SessionShortener
{
    // What no phone needs to understand the media: hints of feedback, header extensions, names of streams.
    private static readonly byte[][] Optional =
    [
        [.. "rtcp-fb"u8], [.. "extmap"u8], [.. "extmap-allow-mixed"u8], [.. "ssrc"u8], [.. "ssrc-group"u8], [.. "msid"u8], [.. "msid-semantic"u8], [.. "rtcp-rsize"u8],
    ];

    private readonly SdpSession session = new();
    private readonly SdpWriter writer = new();

    /// <summary>A shorter copy, perhaps still longer than wanted; null where the description is short enough, or cannot be read.</summary>
    /// <param name="sdp">The description.</param>
    /// <param name="most">The most octets that it should have.</param>
    /// <param name="isOffer">Whether it is an offer: an answer cannot refuse what the other side has accepted.</param>
    /// <param name="rent">Where the copy is written.</param>
    public SipBuffer? Shorten(ReadOnlySpan<byte> sdp, int most, bool isOffer, Func<int, SipBuffer> rent)
    {
        if (sdp.Length <= most || SdpParser.Parse(sdp, session) != SdpError.None)
        {
            return null;
        }

        writer.Begin(session);
        for (int section = SdpWriter.WholeSession; section < session.MediaCount; section++)
        {
            foreach (byte[] name in Optional)
            {
                writer.RemoveAttributes(section, name);
            }
        }

        // The last ones go first: what a phone lists first it wants most.
        for (int media = session.MediaCount - 1; isOffer && media >= 0 && writer.Length > most; media--)
        {
            if (!session.MediaAt(media).Kind.SequenceEqual("audio"u8))
            {
                writer.Refuse(media);
            }
        }

        SipBuffer copy = rent(writer.Length);
        writer.TryWrite(copy.Array, out int length);
        copy.Length = length;
        return copy;
    }
}
