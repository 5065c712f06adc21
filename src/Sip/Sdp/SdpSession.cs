namespace Sip.Sdp;

/// <summary>
/// A session description (RFC 8866) as a copy of its octets and a table of its lines. Made to be used again and again:
/// once it has grown to what is usual, <see cref="SdpParser.Parse(ReadOnlySpan{byte}, SdpSession)"/> allocates nothing.
/// Lines of unknown kinds are kept in place. Not safe for use by two threads at once.
/// </summary>
public sealed class SdpSession
{
    private byte[] body = new byte[2048];
    private SdpLine[] lines = new SdpLine[64];
    private int[] media = new int[8];
    private int length;

    /// <summary>The octets of the description.</summary>
    public ReadOnlySpan<byte> Body => body.AsSpan(0, length);

    /// <summary>How many lines there are.</summary>
    public int LineCount { get; private set; }

    /// <summary>How many media sections there are.</summary>
    public int MediaCount { get; private set; }

    /// <summary>The number of the line after the last that speaks of the whole session.</summary>
    public int SessionEnd => MediaCount == 0 ? LineCount : media[0];

    /// <summary>The direction written for the whole session, or both ways when none is.</summary>
    public SdpDirection Direction =>
        TryFindDirection(0, SessionEnd, out SdpDirection direction, out _) ? direction : SdpDirection.SendRecv;

    /// <summary>Where line <paramref name="line"/> stands.</summary>
    public SdpLine LineAt(int line) => lines[line];

    /// <summary>The letter of line <paramref name="line"/>.</summary>
    public byte TypeAt(int line) => lines[line].Type;

    /// <summary>What follows the equals sign of line <paramref name="line"/>; empty for an empty line.</summary>
    public ReadOnlySpan<byte> ValueAt(int line)
    {
        SdpLine at = lines[line];
        return at.Type == 0 ? default : body.AsSpan(at.Start + 2, at.Length - 2);
    }

    /// <summary>The attribute name of line <paramref name="line"/>: what stands before the colon. Empty for other lines.</summary>
    public ReadOnlySpan<byte> AttributeNameAt(int line)
    {
        if (lines[line].Type != 'a')
        {
            return default;
        }

        ReadOnlySpan<byte> value = ValueAt(line);
        int colon = value.IndexOf((byte)':');
        return colon < 0 ? value : value[..colon];
    }

    /// <summary>The attribute value of line <paramref name="line"/>: what stands behind the colon; empty for a flag.</summary>
    public ReadOnlySpan<byte> AttributeValueAt(int line)
    {
        ReadOnlySpan<byte> value = ValueAt(line);
        int colon = value.IndexOf((byte)':');
        return colon < 0 ? default : value[(colon + 1)..];
    }

    /// <summary>Media section <paramref name="index"/>, from 0.</summary>
    public SdpMedia MediaAt(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)MediaCount, nameof(index));
        return new SdpMedia(this, index);
    }

    /// <summary>Reads the o= line; false when there is none.</summary>
    public bool TryGetOrigin(out SdpOrigin origin)
    {
        int line = FindLine((byte)'o', 0, SessionEnd);
        origin = default;
        return line >= 0 && SdpOrigin.TryParse(ValueAt(line), out origin);
    }

    /// <summary>Finds an attribute of the whole session; its value may be empty.</summary>
    public bool TryGetAttribute(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        int line = FindAttribute(name, 0, SessionEnd);
        value = line < 0 ? default : AttributeValueAt(line);
        return line >= 0;
    }

    /// <summary>The number of the first line of a kind within [from, end), or -1.</summary>
    public int FindLine(byte type, int from, int end)
    {
        for (int i = from; i < end; i++)
        {
            if (lines[i].Type == type)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The number of the first attribute line of a name within [from, end), or -1.</summary>
    public int FindAttribute(ReadOnlySpan<byte> name, int from, int end)
    {
        for (int i = from; i < end; i++)
        {
            if (lines[i].Type == 'a' && AttributeNameAt(i).SequenceEqual(name))
            {
                return i;
            }
        }

        return -1;
    }

    internal bool TryFindDirection(int from, int end, out SdpDirection direction, out int line)
    {
        for (line = from; line < end; line++)
        {
            if (lines[line].Type == 'a' && SdpDirections.TryParse(ValueAt(line), out direction))
            {
                return true;
            }
        }

        direction = SdpDirection.SendRecv;
        line = -1;
        return false;
    }

    internal int MediaStart(int index) => media[index];

    internal int MediaEnd(int index) => index + 1 < MediaCount ? media[index + 1] : LineCount;

    internal void Reset(ReadOnlySpan<byte> source)
    {
        if (source.Length > body.Length)
        {
            body = new byte[int.Max(source.Length, body.Length * 2)];
        }

        source.CopyTo(body);
        length = source.Length;
        LineCount = 0;
        MediaCount = 0;
    }

    internal void AddLine(SdpLine line)
    {
        if (LineCount == lines.Length)
        {
            Array.Resize(ref lines, lines.Length * 2);
        }

        lines[LineCount++] = line;
    }

    /// <summary>Notes that the line added last begins a media section.</summary>
    internal void AddMedia()
    {
        if (MediaCount == media.Length)
        {
            Array.Resize(ref media, media.Length * 2);
        }

        media[MediaCount++] = LineCount - 1;
    }
}
