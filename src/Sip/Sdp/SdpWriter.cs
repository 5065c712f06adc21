using System.Buffers;

namespace Sip.Sdp;

/// <summary>
/// Writes an edited copy of a session description: the lines that an edit names change, every other octet stays where it was.
/// Call <see cref="Begin"/>, then the edits in any order, then <see cref="WriteTo"/>. Made to be used again and again without
/// allocating. A section is named by its number, <see cref="WholeSession"/> being the part before the first m= line.
/// </summary>
public sealed class SdpWriter
{
    /// <summary>The section number of the part before the first m= line.</summary>
    public const int WholeSession = -1;

    private readonly SdpEdits edits = new();
    private SdpSession session = new();

    /// <summary>How many octets <see cref="WriteTo"/> will write.</summary>
    public int Length
    {
        get
        {
            LengthCounter counter = default;
            Emit(ref counter);
            return counter.Length;
        }
    }

    /// <summary>Starts over with <paramref name="source"/>, which must not be parsed into until the copy is written.</summary>
    public void Begin(SdpSession source)
    {
        session = source;
        edits.Reset(source.LineCount);
    }

    /// <summary>Replaces the text of a line; its line end stays.</summary>
    public void ReplaceLine(int line, ReadOnlySpan<byte> text)
    {
        int begin = edits.BeginText();
        edits.Append(text);
        edits.ReplaceWithText(line, begin);
    }

    /// <summary>Leaves a line out.</summary>
    public void RemoveLine(int line) => edits.Remove(line);

    /// <summary>Adds a line behind another one, with a line end of the same kind.</summary>
    public void AddLine(int afterLine, ReadOnlySpan<byte> text)
    {
        int begin = edits.BeginText();
        edits.Append(text);
        edits.AddText(afterLine, begin);
    }

    /// <summary>Writes the o= line anew: <c>o=- id version IN IP4 address</c>.</summary>
    public void SetOrigin(ulong sessionId, ulong version, bool isIPv6, ReadOnlySpan<byte> address)
    {
        int line = session.FindLine((byte)'o', 0, session.SessionEnd);
        int begin = edits.BeginText();
        edits.Append("o=- "u8);
        edits.Append(sessionId);
        edits.Append(" "u8);
        edits.Append(version);
        edits.Append(isIPv6 ? " IN IP6 "u8 : " IN IP4 "u8);
        edits.Append(address);
        if (line >= 0)
        {
            edits.ReplaceWithText(line, begin);
        }
        else
        {
            edits.AddText(0, begin);
        }
    }

    /// <summary>
    /// Sets a section's c= line; one is added when the section has none, and further ones (RFC 8866 section 5.7) are left out.
    /// </summary>
    public void SetConnection(int section, bool isIPv6, ReadOnlySpan<byte> address)
    {
        (int from, int end) = Section(section);
        int begin = edits.BeginText();
        edits.Append(isIPv6 ? "c=IN IP6 "u8 : "c=IN IP4 "u8);
        edits.Append(address);
        int line = session.FindLine((byte)'c', from, end);
        if (line < 0)
        {
            edits.AddText(PlaceForConnection(from, end), begin);
            return;
        }

        edits.ReplaceWithText(line, begin);
        for (line = session.FindLine((byte)'c', line + 1, end); line >= 0; line = session.FindLine((byte)'c', line + 1, end))
        {
            edits.Remove(line);
        }
    }

    /// <summary>Sets the port of an m= line; a number of ports behind a slash goes, the rest of the line stays.</summary>
    public void SetPort(int media, int port)
    {
        int line = session.MediaStart(media);
        ReadOnlySpan<byte> value = session.ValueAt(line);
        ReadOnlySpan<byte> rest = value;
        SdpFields.Next(ref rest);
        int kindEnd = value.Length - rest.Length;
        SdpFields.Next(ref rest);
        int begin = edits.BeginText();
        edits.Append("m="u8);
        edits.Append(value[..kindEnd]);
        edits.Append(" "u8);
        edits.Append((ulong)port);
        edits.Append(rest);
        edits.ReplaceWithText(line, begin);
    }

    /// <summary>Refuses a media line: port 0, and nothing but the m= line is left of the section (RFC 3264 section 6).</summary>
    public void Refuse(int media)
    {
        for (int line = session.MediaStart(media) + 1; line < session.MediaEnd(media); line++)
        {
            RemoveLine(line);
        }

        SetPort(media, 0);
    }

    /// <summary>Sets <c>a=rtcp:</c> of a section to a bare port (RFC 3605 section 2.1), adding it when it is not there.</summary>
    public void SetRtcp(int media, int port)
    {
        int begin = edits.BeginText();
        edits.Append("a=rtcp:"u8);
        edits.Append((ulong)port);
        (int from, int end) = Section(media);
        SetFirstAttribute(session.FindAttribute("rtcp"u8, from, end), end, begin);
    }

    /// <summary>Sets the direction of a section, replacing the attribute that says it or adding one.</summary>
    public void SetDirection(int section, SdpDirection direction)
    {
        (int from, int end) = Section(section);
        session.TryFindDirection(from, end, out _, out int line);
        int begin = edits.BeginText();
        edits.Append("a="u8);
        edits.Append(SdpDirections.Name(direction));
        SetFirstAttribute(line, end, begin);
    }

    /// <summary>Adds <c>a=</c><paramref name="attribute"/> at the end of a section.</summary>
    public void AddAttribute(int section, ReadOnlySpan<byte> attribute)
    {
        int begin = edits.BeginText();
        edits.Append("a="u8);
        edits.Append(attribute);
        edits.AddText(LastLine(Section(section).End), begin);
    }

    /// <summary>Leaves out every attribute of this name in a section.</summary>
    public void RemoveAttributes(int section, ReadOnlySpan<byte> name)
    {
        (int from, int end) = Section(section);
        for (int line = session.FindAttribute(name, from, end); line >= 0; line = session.FindAttribute(name, line + 1, end))
        {
            edits.Remove(line);
        }
    }

    /// <summary>Writes the edited copy.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        int length = Length;
        SpanFiller filler = new(output.GetSpan(length));
        Emit(ref filler);
        output.Advance(length);
    }

    /// <summary>Writes the edited copy into <paramref name="to"/>; false, and nothing useful written, when it is too short.</summary>
    public bool TryWrite(Span<byte> to, out int written)
    {
        written = Length;
        if (to.Length < written)
        {
            return false;
        }

        SpanFiller filler = new(to);
        Emit(ref filler);
        return true;
    }

    private void SetFirstAttribute(int line, int end, int begin)
    {
        if (line >= 0)
        {
            edits.ReplaceWithText(line, begin);
        }
        else
        {
            edits.AddText(LastLine(end), begin);
        }
    }

    private (int From, int End) Section(int section) => section == WholeSession
        ? (0, session.SessionEnd)
        : (session.MediaStart(section), session.MediaEnd(section));

    // An empty line at the end of the body is no place to add behind: the added line would follow a blank one.
    private int LastLine(int end)
    {
        int line = end - 1;
        while (line > 0 && session.TypeAt(line) == 0)
        {
            line--;
        }

        return line;
    }

    // 5: c= comes before b=, t= and a=; v o s i u e p and m come before it.
    private int PlaceForConnection(int from, int end)
    {
        int place = from;
        while (place + 1 < end && "vosiuep"u8.Contains(session.TypeAt(place + 1)))
        {
            place++;
        }

        return place;
    }

    private void Emit<T>(ref T output)
        where T : struct, ISdpOutput, allows ref struct
    {
        ReadOnlySpan<byte> body = session.Body;
        for (int i = 0; i < session.LineCount; i++)
        {
            SdpLine line = session.LineAt(i);
            if (edits.IsReplaced(i))
            {
                output.Append(edits.Replacement(i));
                output.Append(body.Slice(line.Start + line.Length, line.EndLength));
            }
            else if (!edits.IsRemoved(i))
            {
                output.Append(body.Slice(line.Start, line.Length + line.EndLength));
            }

            bool openEnd = line.EndLength == 0 && !edits.IsRemoved(i);
            for (int a = edits.FirstAdded(i); a >= 0; a = edits.NextAdded(a))
            {
                EmitAdded(ref output, edits.AddedText(a), line.EndLength, openEnd);
                openEnd = line.EndLength == 0;
            }
        }
    }

    private static void EmitAdded<T>(ref T output, ReadOnlySpan<byte> text, int endLength, bool openEnd)
        where T : struct, ISdpOutput, allows ref struct
    {
        if (openEnd)
        {
            output.Append("\r\n"u8);
        }

        output.Append(text);
        output.Append(endLength == 1 ? "\n"u8 : endLength == 2 ? "\r\n"u8 : default);
    }

    private interface ISdpOutput
    {
        void Append(ReadOnlySpan<byte> bytes);
    }

    private struct LengthCounter : ISdpOutput
    {
        public int Length { get; private set; }

        public void Append(ReadOnlySpan<byte> bytes) => Length += bytes.Length;
    }

    private ref struct SpanFiller(Span<byte> rest) : ISdpOutput
    {
        private Span<byte> rest = rest;

        public void Append(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(rest);
            rest = rest[bytes.Length..];
        }
    }
}
