namespace Sip.Sdp;

/// <summary>
/// One media section of an <see cref="SdpSession"/>: the m= line and the lines up to the next. A view, valid until the
/// session is parsed into anew.
/// </summary>
public readonly struct SdpMedia
{
    private readonly SdpSession session;

    internal SdpMedia(SdpSession session, int index)
    {
        this.session = session;
        Index = index;
    }

    /// <summary>The section's place among the media sections, from 0.</summary>
    public int Index { get; }

    /// <summary>The number of the m= line in the session.</summary>
    public int FirstLine => session.MediaStart(Index);

    /// <summary>The number of the line after the section's last.</summary>
    public int EndLine => session.MediaEnd(Index);

    /// <summary>The media type: <c>audio</c>, <c>video</c>, <c>image</c>, …</summary>
    public ReadOnlySpan<byte> Kind => Field(0);

    /// <summary>The transport port; 0 is a stream refused or not used (RFC 3264 section 6).</summary>
    public int Port
    {
        get
        {
            ReadOnlySpan<byte> port = Field(1);
            int slash = port.IndexOf((byte)'/');
            return SdpFields.TryPort(slash < 0 ? port : port[..slash], out int number) ? number : 0;
        }
    }

    /// <summary>The transport protocol: <c>RTP/AVP</c>, <c>udptl</c>, <c>TCP/MSRP</c>, …</summary>
    public ReadOnlySpan<byte> Protocol => Field(2);

    /// <summary>Everything after the protocol: the payload types or formats, separated by blanks.</summary>
    public ReadOnlySpan<byte> Formats
    {
        get
        {
            ReadOnlySpan<byte> value = session.ValueAt(FirstLine);
            SdpFields.Next(ref value);
            SdpFields.Next(ref value);
            SdpFields.Next(ref value);
            return value.Trim((byte)' ');
        }
    }

    /// <summary>The direction: the section's own, else the session's, else both ways (RFC 8866 section 6.7).</summary>
    public SdpDirection Direction =>
        session.TryFindDirection(FirstLine, EndLine, out SdpDirection own, out _) ? own : session.Direction;

    /// <summary>The section's own first c= line, or else the session's; false when neither is there.</summary>
    public bool TryGetConnection(out SdpConnection connection)
    {
        int line = session.FindLine((byte)'c', FirstLine, EndLine);
        if (line < 0)
        {
            line = session.FindLine((byte)'c', 0, session.SessionEnd);
        }

        connection = default;
        return line >= 0 && SdpConnection.TryParse(session.ValueAt(line), out connection);
    }

    /// <summary>Finds the section's first attribute of this name (case matters, RFC 8866 section 6); its value may be empty.</summary>
    public bool TryGetAttribute(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        int line = session.FindAttribute(name, FirstLine, EndLine);
        value = line < 0 ? default : session.AttributeValueAt(line);
        return line >= 0;
    }

    private ReadOnlySpan<byte> Field(int number)
    {
        ReadOnlySpan<byte> value = session.ValueAt(FirstLine);
        while (number-- > 0)
        {
            SdpFields.Next(ref value);
        }

        return SdpFields.Next(ref value);
    }
}
