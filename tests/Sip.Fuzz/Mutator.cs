using System.Text;

namespace Sip.Fuzz;

/// <summary>Makes damaged messages out of good ones. The same seed and corpus give the same inputs for ever.</summary>
public sealed class Mutator(IReadOnlyList<byte[]> corpus, int seed)
{
    private const int MaxLength = 60_000;

    // What has broken parsers before: delimiters, ends of strings, numbers at the edges of their types, headers that frame.
    private static readonly byte[][] Tokens = new[]
    {
        "\r\n", "\r", "\n", "\r\n ", "\r\n\t", "\r\n\r\n", "\0", "%00", "%", "%4", "%zz", "\"", "\\", "\\\"", "<", ">", ";", ";;", ",", ",,", ":",
        "=", "@", "?", "&", "[", "]", "[::1]", " ", "\t", "/", "*", "-1", "0", "255", "256", "2147483647", "2147483648", "4294967295", "4294967296",
        "18446744073709551616", "99999999999999999999999999999999", "\u00e9", "z9hG4bK", ";branch=z9hG4bK", ";rport", ";rport=70000", ";tag=", ";lr",
        "\r\nContent-Length: 5", "\r\nl: 0", "\r\nl : 7", "\r\nContent-Length:\r\n 3", "\r\nVia: SIP/2.0/UDP a", "\r\nv:SIP / 2.0 / TCP b : 1;branch=x",
        "\r\nTo: <sip:a@b>", "\r\nf: x <sip:y>", "\r\nCSeq: 1 INVITE", "\r\ni: x", "\r\nm: *", "SIP/2.0", "SIP/7.0", "sip:", "sips:", "tel:+1",
        "Digest username=\"a\", realm=\"b\"", "INVITE ", "ACK ", " SIP/2.0\r\n",
    }.Select(Encoding.UTF8.GetBytes).ToArray();

    private readonly Random random = new(seed);

    /// <summary>Makes the next input.</summary>
    public byte[] Next()
    {
        List<byte> message = [.. corpus[random.Next(corpus.Count)]];
        int changes = 1 + random.Next(6);
        for (int i = 0; i < changes; i++)
        {
            Change(message);
        }

        if (message.Count > MaxLength)
        {
            message.RemoveRange(MaxLength, message.Count - MaxLength);
        }

        return [.. message];
    }

    private void Change(List<byte> message)
    {
        int at = random.Next(message.Count + 1);
        int some = Math.Min(random.Next(40), message.Count - at);
        switch (random.Next(9))
        {
            case 0 when at < message.Count:
                message[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when at < message.Count:
                message[at] = (byte)random.Next(256);
                break;
            case 2:
                message.RemoveRange(at, some);
                break;
            case 3:
                message.InsertRange(at, message.GetRange(at, some));
                break;
            case 4:
                message.RemoveRange(at, message.Count - at);
                break;
            case 5:
                Splice(message, at);
                break;
            case 6 when random.Next(20) == 0:
                message.InsertRange(at, Enumerable.Repeat(Pick()[0], random.Next(8000)));
                break;
            case 7:
                DoubleLine(message, at);
                break;
            default:
                message.InsertRange(at, Pick());
                break;
        }
    }

    private byte[] Pick() => Tokens[random.Next(Tokens.Length)];

    private void Splice(List<byte> message, int at)
    {
        byte[] other = corpus[random.Next(corpus.Count)];
        int start = random.Next(other.Length);
        message.InsertRange(at, other.AsSpan(start, Math.Min(random.Next(300), other.Length - start)).ToArray());
    }

    private static void DoubleLine(List<byte> message, int at)
    {
        int start = at == 0 ? 0 : message.LastIndexOf((byte)'\n', Math.Max(0, at - 1)) + 1;
        int end = start < message.Count ? message.IndexOf((byte)'\n', start) : -1;
        if (end >= 0)
        {
            message.InsertRange(start, message.GetRange(start, end + 1 - start));
        }
    }
}
