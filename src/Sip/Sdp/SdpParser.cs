namespace Sip.Sdp;

/// <summary>
/// Reads a session description (RFC 8866). Strict in what must be there to relay a call, lenient in the rest: lines may end
/// in CR LF or LF (section 5), may stand in any order, may be of unknown kinds; s= may be empty, t= may be missing.
/// </summary>
public static class SdpParser
{
    /// <summary>Reads <paramref name="body"/> into <paramref name="session"/> within <see cref="SdpLimits.Default"/>.</summary>
    public static SdpError Parse(ReadOnlySpan<byte> body, SdpSession session) => Parse(body, session, SdpLimits.Default);

    /// <summary>
    /// Reads <paramref name="body"/> into <paramref name="session"/>, which forgets what it held. Never throws; on an error the
    /// session holds the lines up to the wrong one.
    /// </summary>
    public static SdpError Parse(ReadOnlySpan<byte> body, SdpSession session, in SdpLimits limits)
    {
        session.Reset(default);
        if (body.Length > limits.MaxLength)
        {
            return SdpError.TooLong;
        }

        session.Reset(body);
        int at = 0;
        while (at < body.Length)
        {
            if (session.LineCount == limits.MaxLines)
            {
                return SdpError.TooManyLines;
            }

            SdpLine line = NextLine(body, at);
            at += line.Length + line.EndLength;
            SdpError error = Take(session, line, body, limits);
            if (error != SdpError.None)
            {
                return error;
            }
        }

        return session.LineCount == 0 ? SdpError.Empty : CheckSession(session, limits);
    }

    private static SdpLine NextLine(ReadOnlySpan<byte> body, int at)
    {
        int length = body[at..].IndexOf((byte)'\n');
        if (length < 0)
        {
            return new SdpLine(TypeOf(body[at..]), at, body.Length - at, 0);
        }

        int end = 1;
        if (length > 0 && body[at + length - 1] == '\r')
        {
            length--;
            end = 2;
        }

        return new SdpLine(TypeOf(body.Slice(at, length)), at, length, end);
    }

    private static byte TypeOf(ReadOnlySpan<byte> line) =>
        line.Length >= 2 && line[1] == '=' && char.IsAsciiLetter((char)line[0]) ? line[0] : (byte)0;

    private static SdpError Take(SdpSession session, SdpLine line, ReadOnlySpan<byte> body, in SdpLimits limits)
    {
        ReadOnlySpan<byte> text = body.Slice(line.Start, line.Length);

        // A carriage return or a zero inside a line would be a line end to some readers and not to others.
        if ((line.Type == 0 && line.Length > 0) || text.ContainsAny((byte)'\r', (byte)0))
        {
            return SdpError.BadLine;
        }

        session.AddLine(line);
        ReadOnlySpan<byte> value = session.ValueAt(session.LineCount - 1);
        switch (line.Type)
        {
            case (byte)'o' when !SdpOrigin.TryParse(value, out _):
                return SdpError.BadOrigin;
            case (byte)'c' when !SdpConnection.TryParse(value, out _):
                return SdpError.BadConnection;
            case (byte)'m' when session.MediaCount == limits.MaxMedia:
                return SdpError.TooManyMedia;
            case (byte)'m' when !IsMedia(value):
                return SdpError.BadMedia;
            case (byte)'m':
                session.AddMedia();
                return SdpError.None;
            default:
                return SdpError.None;
        }
    }

    // 5.14: m=<media> <port>[/<number of ports>] <proto> <fmt> ...; a missing <fmt> is let pass.
    private static bool IsMedia(ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> kind = SdpFields.Next(ref value);
        ReadOnlySpan<byte> port = SdpFields.Next(ref value);
        ReadOnlySpan<byte> protocol = SdpFields.Next(ref value);
        int slash = port.IndexOf((byte)'/');
        bool portIsGood = slash < 0
            ? SdpFields.TryPort(port, out _)
            : SdpFields.TryPort(port[..slash], out _) && SdpFields.TryPort(port[(slash + 1)..], out _);
        return portIsGood && !kind.IsEmpty && !protocol.IsEmpty;
    }

    private static SdpError CheckSession(SdpSession session, in SdpLimits limits)
    {
        if (limits.AllowFragment)
        {
            return SdpError.None;
        }

        // 5.1: v=0 comes first and there is no other version.
        if (session.TypeAt(0) != 'v' || !session.ValueAt(0).TrimEnd((byte)' ').SequenceEqual("0"u8))
        {
            return SdpError.BadVersion;
        }

        return session.FindLine((byte)'o', 0, session.SessionEnd) < 0 ? SdpError.BadOrigin : SdpError.None;
    }
}
