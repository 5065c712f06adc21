using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Sip.Sdp;

namespace Sip.B2bua.Calls;

/// <summary>The codecs of audio that the server offers where it makes an offer of its own. Immutable.</summary>
internal sealed class OfferedCodecs
{
    // The port of nobody (RFC 863), until a relay or the other party's has taken its place.
    private const int Nowhere = 9;
    private const int FirstDynamic = 96;
    private const int LastDynamic = 127;
    private const int KeysType = 101;

    // RFC 3551 6, RFC 7587 7, RFC 4733 7.1.1
    private static readonly (string Name, int Type, string Map, string Parameters)[] Known =
    [
        ("PCMU", 0, "PCMU/8000", ""),
        ("GSM", 3, "GSM/8000", ""),
        ("PCMA", 8, "PCMA/8000", ""),
        ("G722", 9, "G722/8000", ""),
        ("G729", 18, "G729/8000", "annexb=no"),
        ("opus", -1, "opus/48000/2", "useinbandfec=1"),
        ("iLBC", -1, "iLBC/8000", "mode=30"),
        ("speex", -1, "speex/16000", ""),
        ("telephone-event", KeysType, "telephone-event/8000", "0-16"),
    ];

    private readonly byte[] media;

    private OfferedCodecs(byte[] media) => this.media = media;

    /// <summary>Reads a list of names split by blanks; null where there is a mistake.</summary>
    /// <param name="text">The names, each one known or <c>NAME/RATE</c> or <c>NAME/RATE/CHANNELS</c>.</param>
    /// <param name="mistakes">Gets every mistake in half a sentence.</param>
    public static OfferedCodecs? Read(string text, List<string> mistakes)
    {
        int before = mistakes.Count;
        StringBuilder types = new();
        StringBuilder lines = new();
        int next = FirstDynamic;
        bool talks = false;
        foreach (string word in text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            int found = Array.FindIndex(Known, codec => codec.Name.Equals(word, StringComparison.OrdinalIgnoreCase));
            if (found < 0 && !IsMap(word))
            {
                mistakes.Add($"there is no codec {word}; those known are {string.Join(", ", Known.Select(codec => codec.Name))}, any other is NAME/RATE");
                continue;
            }

            (_, int type, string map, string parameters) = found < 0 ? (word, -1, word, "") : Known[found];
            if (type < 0)
            {
                next += next == KeysType ? 1 : 0;
                type = next++;
            }

            talks |= type != KeysType;
            types.Append(CultureInfo.InvariantCulture, $" {type}");
            lines.Append(CultureInfo.InvariantCulture, $"a=rtpmap:{type} {map}\r\n");
            if (parameters.Length > 0)
            {
                lines.Append(CultureInfo.InvariantCulture, $"a=fmtp:{type} {parameters}\r\n");
            }
        }

        if (mistakes.Count == before && (!talks || next > LastDynamic))
        {
            mistakes.Add(talks ? "too many codecs" : "at least one codec is needed");
        }

        return mistakes.Count > before ? null : new OfferedCodecs(Encoding.ASCII.GetBytes($"m=audio {Nowhere} RTP/AVP{types}\r\n{lines}"));
    }

    /// <summary>An offer of one stream of audio.</summary>
    /// <param name="address">The address that stands in it.</param>
    public byte[] Offer(IPAddress address)
    {
        string place = $"{(address.AddressFamily == AddressFamily.InterNetworkV6 ? "IP6" : "IP4")} {address}";
        string head = string.Create(CultureInfo.InvariantCulture, $"v=0\r\no=- {Random.Shared.NextInt64(1, 1L << 53)} 1 IN {place}\r\ns=-\r\nc=IN {place}\r\nt=0 0\r\n");
        return [.. Encoding.ASCII.GetBytes(head), .. media];
    }

    /// <summary>Whether nobody has put a real port into an offer of ours.</summary>
    public static bool LeadsNowhere(ReadOnlySpan<byte> sdp)
    {
        SdpSession session = new();
        return SdpParser.Parse(sdp, session) == SdpError.None && session.MediaCount > 0 && session.MediaAt(0).Port == Nowhere;
    }

    private static bool IsMap(string word)
    {
        string[] parts = word.Split('/');
        return parts.Length is 2 or 3 && parts[0].Length > 0 && parts[0].All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '+')
            && parts[1..].All(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0);
    }
}
