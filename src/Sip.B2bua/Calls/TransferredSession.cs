using Sip.Sdp;

namespace Sip.B2bua.Calls;

/// <summary>Session descriptions while the parties of a call change.</summary>
internal static class TransferredSession
{
    /// <summary>
    /// What a party said last, as an offer to somebody new: it was perhaps held until now, and whoever comes in wants to talk to it.
    /// </summary>
    public static byte[] ToOffer(ReadOnlySpan<byte> heard) => With(heard, SdpDirection.SendRecv);

    /// <summary>The same description with another direction of every stream.</summary>
    public static byte[] With(ReadOnlySpan<byte> heard, SdpDirection direction)
    {
        SdpSession session = new();
        if (SdpParser.Parse(heard, session) != SdpError.None)
        {
            return heard.ToArray();
        }

        SdpWriter writer = new();
        writer.Begin(session);
        if (session.Direction != direction)
        {
            writer.SetDirection(SdpWriter.WholeSession, direction);
        }

        for (int i = 0; i < session.MediaCount; i++)
        {
            if (session.MediaAt(i).Direction != direction)
            {
                writer.SetDirection(i, direction);
            }
        }

        byte[] offer = new byte[writer.Length];
        writer.TryWrite(offer, out _);
        return offer;
    }

    /// <summary>Makes an offer as long as the session was: a media line never goes away, it is refused by port 0 (RFC 3264 8).</summary>
    /// <param name="offer">The offer.</param>
    /// <param name="sent">What the party was sent before.</param>
    public static ReadOnlySpan<byte> Lengthen(ReadOnlySpan<byte> offer, ReadOnlySpan<byte> sent)
    {
        if (offer.Count("\nm="u8) >= sent.Count("\nm="u8))
        {
            return offer;
        }

        SdpSession now = new();
        SdpSession before = new();
        if (SdpParser.Parse(offer, now) != SdpError.None || SdpParser.Parse(sent, before) != SdpError.None)
        {
            return offer;
        }

        for (int i = now.MediaCount; i < before.MediaCount; i++)
        {
            SdpMedia media = before.MediaAt(i);
            offer = (byte[])[.. offer, .. "m="u8, .. media.Kind, .. " 0 "u8, .. media.Protocol, .. " "u8, .. media.Formats, .. "\r\n"u8];
        }

        return offer;
    }

    /// <summary>Makes an answer as short as the offer: it has as many media lines (RFC 3264 6). What was added to the offer was refused.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="offer">What its receiver has offered; empty: not known.</param>
    public static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> answer, ReadOnlySpan<byte> offer)
    {
        int lines = offer.Count("\nm="u8);
        int end = 0;
        for (int line = 0; lines > 0 && line <= lines; line++)
        {
            int next = answer[end..].IndexOf("\nm="u8);
            if (next < 0)
            {
                return answer;
            }

            end += next + 1;
        }

        return lines > 0 ? answer[..end] : answer;
    }

    /// <summary>Whether a party that is told something new is led to the same place, the same way and with the same keys as before.</summary>
    /// <param name="one">What it is told.</param>
    /// <param name="other">What it was told last.</param>
    /// <param name="own">What it has said itself: a stream that it has put on hold is on hold. Empty: not known.</param>
    public static bool LeadToTheSame(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other, ReadOnlySpan<byte> own = default)
    {
        SdpSession mine = new();
        bool knowsOwn = !own.IsEmpty && SdpParser.Parse(own, mine) == SdpError.None;
        SdpSession a = new();
        SdpSession b = new();
        if (SdpParser.Parse(one, a) != SdpError.None || SdpParser.Parse(other, b) != SdpError.None || a.MediaCount != b.MediaCount)
        {
            return false;
        }

        for (int i = 0; i < a.MediaCount; i++)
        {
            SdpMedia before = b.MediaAt(i);
            SdpDirection expected = knowsOwn && i < mine.MediaCount
                ? MatchedSession.Meet(before.Direction, SdpDirections.Reverse(mine.MediaAt(i).Direction))
                : before.Direction;
            if (!AreTheSame(a, a.MediaAt(i), b, before, expected))
            {
                return false;
            }
        }

        return true;
    }

    private static bool AreTheSame(SdpSession oneSession, SdpMedia one, SdpSession otherSession, SdpMedia other, SdpDirection expected)
    {
        if (one.Port == 0 && other.Port == 0)
        {
            return true;
        }

        bool hasPlace = one.TryGetConnection(out SdpConnection place);
        return other.TryGetConnection(out SdpConnection otherPlace) == hasPlace
            && (!hasPlace || place.Address.SequenceEqual(otherPlace.Address))
            && one.Port == other.Port
            && one.Direction == expected
            && one.Protocol.SequenceEqual(other.Protocol)
            && HaveSame("fingerprint"u8, oneSession, one, otherSession, other)
            && HaveSame("ice-ufrag"u8, oneSession, one, otherSession, other)
            && HaveSame("crypto"u8, oneSession, one, otherSession, other);
    }

    private static bool HaveSame(ReadOnlySpan<byte> attribute, SdpSession oneSession, SdpMedia one, SdpSession otherSession, SdpMedia other)
    {
        _ = one.TryGetAttribute(attribute, out ReadOnlySpan<byte> value) || oneSession.TryGetAttribute(attribute, out value);
        _ = other.TryGetAttribute(attribute, out ReadOnlySpan<byte> otherValue) || otherSession.TryGetAttribute(attribute, out otherValue);
        return value.SequenceEqual(otherValue);
    }
}
