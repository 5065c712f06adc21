using Sip.Messages;
using Sip.Sdp;

namespace Sip.B2bua.Calls;

/// <summary>
/// Makes the answers where two parties have both made an offer and are to talk to each other: what one has offered, cut down to what the
/// other can do, is the answer to the other's offer (RFC 3264 6).
/// </summary>
internal static class MatchedSession
{
    /// <summary>What a party has offered, as the answer to the offer of another.</summary>
    /// <param name="own">The party's offer.</param>
    /// <param name="offer">The other's offer.</param>
    /// <param name="leads">
    /// Whether the choices that only one side may make are this party's: it begins the DTLS handshake, and its order of ciphers counts.
    /// </param>
    /// <returns>The answer; empty when they have no stream in common.</returns>
    public static byte[] AsAnswer(ReadOnlySpan<byte> own, ReadOnlySpan<byte> offer, bool leads)
    {
        SdpSession mine = new();
        SdpSession theirs = new();
        if (SdpParser.Parse(own, mine) != SdpError.None || SdpParser.Parse(offer, theirs) != SdpError.None)
        {
            return [];
        }

        List<byte> answer = new(own.Length);
        for (int line = 0; line < mine.SessionEnd; line++)
        {
            // Both sides have left it to the other who begins (RFC 4145 4.1).
            Append(answer, IsActpass(mine, line) ? Setup(leads) : Text(mine, line));
        }

        bool any = false;
        HashSet<int> used = [];
        for (int i = 0; i < theirs.MediaCount; i++)
        {
            SdpMedia offered = theirs.MediaAt(i);
            int found = Find(mine, offered, theirs, used);
            if (found < 0)
            {
                Append(answer, [.. "m="u8, .. offered.Kind, .. " 0 "u8, .. offered.Protocol, .. " "u8, .. offered.Formats]); // 6: refused
                continue;
            }

            any = true;
            used.Add(found);
            Append(answer, mine, mine.MediaAt(found), theirs, offered, leads);
        }

        return any ? [.. answer] : [];
    }

    /// <summary>Whether a party takes everything, under the same numbers, that another may send.</summary>
    /// <param name="own">What the party has said.</param>
    /// <param name="other">What the other has said.</param>
    public static bool TakesAll(ReadOnlySpan<byte> own, ReadOnlySpan<byte> other)
    {
        SdpSession mine = new();
        SdpSession theirs = new();
        if (SdpParser.Parse(own, mine) != SdpError.None || SdpParser.Parse(other, theirs) != SdpError.None || mine.MediaCount < theirs.MediaCount)
        {
            return false;
        }

        for (int i = 0; i < theirs.MediaCount; i++)
        {
            SdpMedia media = theirs.MediaAt(i);
            foreach (Range format in media.Formats.Split((byte)' '))
            {
                if (media.Port != 0 && !Takes(mine, mine.MediaAt(i), theirs, media, media.Formats[format]))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static bool Takes(SdpSession mine, SdpMedia media, SdpSession theirs, SdpMedia other, ReadOnlySpan<byte> format)
    {
        foreach (Range own in media.Formats.Split((byte)' '))
        {
            if (media.Formats[own].SequenceEqual(format))
            {
                return SipChars.EqualsIgnoreCase(FormatName(mine, media, format), FormatName(theirs, other, format));
            }
        }

        return false;
    }

    private static int Find(SdpSession mine, SdpMedia offered, SdpSession theirs, HashSet<int> used)
    {
        for (int i = 0; i < mine.MediaCount && offered.Port != 0; i++)
        {
            SdpMedia media = mine.MediaAt(i);
            if (!used.Contains(i) && media.Port != 0 && media.Kind.SequenceEqual(offered.Kind)
                && SipChars.EqualsIgnoreCase(media.Protocol, offered.Protocol) && CommonFormats(mine, media, theirs, offered).Count > 0
                && (!IsKeyed(media.Protocol) || !media.TryGetAttribute("crypto"u8, out _) || !CommonCipher(mine, media, theirs, offered, leads: true).IsEmpty))
            {
                return i;
            }
        }

        return -1;
    }

    private static void Append(List<byte> answer, SdpSession mine, SdpMedia media, SdpSession theirs, SdpMedia offered, bool leads)
    {
        List<byte[]> formats = CommonFormats(mine, media, theirs, offered);
        List<byte> head = [.. "m="u8, .. media.Kind, (byte)' ', .. SecondField(mine.ValueAt(media.FirstLine)), (byte)' ', .. media.Protocol];
        foreach (byte[] format in formats)
        {
            head.Add((byte)' ');
            head.AddRange(format);
        }

        Append(answer, [.. head]);
        for (int line = media.FirstLine + 1; line < media.EndLine; line++)
        {
            ReadOnlySpan<byte> name = mine.AttributeNameAt(line);
            if (IsActpass(mine, line))
            {
                Append(answer, Setup(leads));
            }
            else if (!name.SequenceEqual("crypto"u8) && !SdpDirections.TryParse(mine.ValueAt(line), out _) && !IsOfOtherFormat(mine, line, name, formats))
            {
                Append(answer, Text(mine, line));
            }
        }

        if (CommonCipher(mine, media, theirs, offered, leads) is { IsEmpty: false } cipher)
        {
            Append(answer, cipher);
        }

        Append(answer, [.. "a="u8, .. SdpDirections.Name(Meet(media.Direction, SdpDirections.Reverse(offered.Direction)))]);
    }

    // 6.1: formats that both have, under the party's own numbers, in its order.
    private static List<byte[]> CommonFormats(SdpSession mine, SdpMedia media, SdpSession theirs, SdpMedia offered)
    {
        List<byte[]> common = [];
        bool talks = false;
        foreach (Range own in media.Formats.Split((byte)' '))
        {
            ReadOnlySpan<byte> name = FormatName(mine, media, media.Formats[own]);
            foreach (Range other in offered.Formats.Split((byte)' '))
            {
                if (SipChars.EqualsIgnoreCase(name, FormatName(theirs, offered, offered.Formats[other])))
                {
                    common.Add(media.Formats[own].ToArray());
                    talks |= !SipChars.StartsWithIgnoreCase(name, "telephone-event"u8);
                    break;
                }
            }
        }

        return talks ? common : []; // keys alone are no conversation
    }

    // The name, clock and channels that a payload type stands for; of one without a map, the number is the name.
    private static ReadOnlySpan<byte> FormatName(SdpSession session, SdpMedia media, ReadOnlySpan<byte> format)
    {
        for (int line = media.FirstLine; line < media.EndLine; line++)
        {
            if (session.AttributeNameAt(line).SequenceEqual("rtpmap"u8) && FormatOf(session, line).SequenceEqual(format))
            {
                ReadOnlySpan<byte> name = session.AttributeValueAt(line)[format.Length..].Trim((byte)' ');
                return StaticNumber(name) is { IsEmpty: false } number ? number : name;
            }
        }

        return format;
    }

    // RFC 3551 6: what is said of a static payload type may be left unsaid.
    private static ReadOnlySpan<byte> StaticNumber(ReadOnlySpan<byte> name) =>
        SipChars.EqualsIgnoreCase(name, "PCMU/8000"u8) || SipChars.EqualsIgnoreCase(name, "PCMU/8000/1"u8) ? "0"u8
        : SipChars.EqualsIgnoreCase(name, "PCMA/8000"u8) || SipChars.EqualsIgnoreCase(name, "PCMA/8000/1"u8) ? "8"u8
        : SipChars.EqualsIgnoreCase(name, "G722/8000"u8) || SipChars.EqualsIgnoreCase(name, "G722/8000/1"u8) ? "9"u8
        : SipChars.EqualsIgnoreCase(name, "G729/8000"u8) || SipChars.EqualsIgnoreCase(name, "G729/8000/1"u8) ? "18"u8
        : SipChars.EqualsIgnoreCase(name, "GSM/8000"u8) || SipChars.EqualsIgnoreCase(name, "GSM/8000/1"u8) ? "3"u8
        : default;

    // RFC 4568 5.1.2: one line, of the offer's tag and cipher with a key of one's own. Both answers must choose the same.
    private static ReadOnlySpan<byte> CommonCipher(SdpSession mine, SdpMedia media, SdpSession theirs, SdpMedia offered, bool leads)
    {
        (SdpSession First, SdpMedia Media, SdpSession Second, SdpMedia Other) order = leads ? (mine, media, theirs, offered) : (theirs, offered, mine, media);
        for (int first = order.Media.FirstLine; first < order.Media.EndLine; first++)
        {
            for (int second = order.Other.FirstLine; second < order.Other.EndLine; second++)
            {
                if (IsCrypto(order.First, first) && IsCrypto(order.Second, second) && Cipher(order.First, first).SequenceEqual(Cipher(order.Second, second)))
                {
                    int own = leads ? first : second;
                    int other = leads ? second : first;
                    ReadOnlySpan<byte> key = mine.AttributeValueAt(own)[FormatOf(mine, own).Length..];
                    return (byte[])[.. "a=crypto:"u8, .. FormatOf(theirs, other), .. key];
                }
            }
        }

        return default;
    }

    private static bool IsKeyed(ReadOnlySpan<byte> protocol) => protocol.StartsWith("RTP/SAVP"u8);

    private static bool IsCrypto(SdpSession session, int line) => session.AttributeNameAt(line).SequenceEqual("crypto"u8);

    private static ReadOnlySpan<byte> Cipher(SdpSession session, int line) => SecondField(session.AttributeValueAt(line));

    private static bool IsOfOtherFormat(SdpSession session, int line, ReadOnlySpan<byte> name, List<byte[]> formats)
    {
        if (!name.SequenceEqual("rtpmap"u8) && !name.SequenceEqual("fmtp"u8) && !name.SequenceEqual("rtcp-fb"u8))
        {
            return false;
        }

        byte[] format = FormatOf(session, line).ToArray();
        return format is not [(byte)'*'] && !formats.Exists(known => known.AsSpan().SequenceEqual(format));
    }

    private static ReadOnlySpan<byte> FormatOf(SdpSession session, int line)
    {
        ReadOnlySpan<byte> value = session.AttributeValueAt(line);
        int end = value.IndexOf((byte)' ');
        return end < 0 ? value : value[..end];
    }

    private static ReadOnlySpan<byte> SecondField(ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> rest = value[(value.IndexOf((byte)' ') + 1)..];
        int end = rest.IndexOf((byte)' ');
        return end < 0 ? rest : rest[..end];
    }

    private static bool IsActpass(SdpSession session, int line) =>
        session.AttributeNameAt(line).SequenceEqual("setup"u8) && session.AttributeValueAt(line).SequenceEqual("actpass"u8);

    private static ReadOnlySpan<byte> Setup(bool leads) => leads ? "a=setup:active"u8 : "a=setup:passive"u8;

    /// <summary>What a party wants, as far as the other one lets it.</summary>
    public static SdpDirection Meet(SdpDirection own, SdpDirection allowed) =>
        own == SdpDirection.SendRecv || own == allowed ? allowed
        : allowed == SdpDirection.SendRecv ? own
        : SdpDirection.Inactive;

    private static ReadOnlySpan<byte> Text(SdpSession session, int line)
    {
        SdpLine at = session.LineAt(line);
        return session.Body.Slice(at.Start, at.Length);
    }

    private static void Append(List<byte> answer, ReadOnlySpan<byte> line)
    {
        if (line.Length > 0)
        {
            answer.AddRange(line);
            answer.AddRange("\r\n"u8);
        }
    }
}
