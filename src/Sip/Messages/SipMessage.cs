using System.Runtime.CompilerServices;

namespace Sip.Messages;

/// <summary>
/// A received message: its octets in one pooled buffer and a table of slices. Nothing is copied; a header is read when
/// somebody asks for it, and only what every layer needs is read at once. Belongs to one loop at a time.
/// </summary>
public sealed partial class SipMessage
{
    private readonly SipMessagePool? pool;
    private readonly ushort[] first = new ushort[HeaderTable.Count];
    private HeaderLine[] lines = new HeaderLine[32];
    private byte[] octets = [];
    private int length;
    private int count;
    private int references;
    private SipBuffer? buffer;
    private bool ownsBuffer;

    internal SipMessage(SipMessagePool? pool) => this.pool = pool;

    /// <summary>Whether it is a request; else a response.</summary>
    public bool IsRequest { get; internal set; }

    /// <summary>The method of a request.</summary>
    public SipMethod Method { get; internal set; }

    /// <summary>The method of a request, as written.</summary>
    public ReadOnlySpan<byte> MethodName => Span(MethodSlice);

    /// <summary>The Request-URI of a request, as written.</summary>
    public ReadOnlySpan<byte> RequestUri => Span(RequestUriSlice);

    /// <summary>The status code of a response, 100 to 699; 0 in a request.</summary>
    public int StatusCode { get; internal set; }

    /// <summary>The reason phrase of a response; may be empty.</summary>
    public ReadOnlySpan<byte> ReasonPhrase => Span(ReasonSlice);

    /// <summary>How many header lines there are.</summary>
    public int HeaderCount => count;

    /// <summary>The whole first Via value of the message.</summary>
    public ReadOnlySpan<byte> TopVia => Span(TopViaSlice);

    /// <summary>The branch of the top Via; empty when absent.</summary>
    public ReadOnlySpan<byte> ViaBranch => Span(BranchSlice);

    /// <summary>Host and port of the top Via, as written.</summary>
    public ReadOnlySpan<byte> ViaSentBy => Span(SentBySlice);

    /// <summary>
    /// Whether the branch identifies the transaction by itself: the magic cookie with something behind it (8.1.1.7).
    /// </summary>
    public bool HasRfc3261Branch => BranchSlice.Length > 7 && SipChars.StartsWithIgnoreCase(ViaBranch, "z9hG4bK"u8);

    /// <summary>The Call-ID.</summary>
    public ReadOnlySpan<byte> CallId => First(HeaderId.CallId);

    /// <summary>The sequence number of CSeq.</summary>
    public uint CSeqNumber { get; internal set; }

    /// <summary>The method of CSeq.</summary>
    public SipMethod CSeqMethod { get; internal set; }

    /// <summary>The method of CSeq, as written.</summary>
    public ReadOnlySpan<byte> CSeqMethodName => Span(CSeqMethodSlice);

    /// <summary>The tag of From; empty when absent (RFC 2543).</summary>
    public ReadOnlySpan<byte> FromTag => Span(FromTagSlice);

    /// <summary>The tag of To; empty when absent.</summary>
    public ReadOnlySpan<byte> ToTag => Span(ToTagSlice);

    /// <summary>Max-Forwards; -1 when absent.</summary>
    public int MaxForwards { get; internal set; }

    /// <summary>The value of From.</summary>
    public ReadOnlySpan<byte> From => First(HeaderId.From);

    /// <summary>The value of To.</summary>
    public ReadOnlySpan<byte> To => First(HeaderId.To);

    /// <summary>The value of Content-Type; empty when absent.</summary>
    public ReadOnlySpan<byte> ContentType => First(HeaderId.ContentType);

    /// <summary>The body, as long as Content-Length says, or to the end of the datagram without one.</summary>
    public ReadOnlySpan<byte> Body => Span(BodySlice);

    /// <summary>
    /// Whether the top Via could be read and From, To, Call-ID and CSeq are there to be copied (8.2.6.2), so that a response can
    /// be written even to a request that the parser refused, and finds its way.
    /// </summary>
    public bool CanBeAnswered { get; internal set; }

    /// <summary>All octets, as received.</summary>
    public ReadOnlySpan<byte> Bytes => new(octets, 0, length);

    /// <summary>The buffer that holds the octets.</summary>
    public SipBuffer Buffer => buffer!;

    internal Slice MethodSlice { get; set; }

    internal Slice RequestUriSlice { get; set; }

    internal Slice ReasonSlice { get; set; }

    internal Slice TopViaSlice { get; set; }

    internal Slice BranchSlice { get; set; }

    internal Slice SentBySlice { get; set; }

    internal Slice CSeqMethodSlice { get; set; }

    internal Slice FromTagSlice { get; set; }

    internal Slice ToTagSlice { get; set; }

    internal Slice BodySlice { get; set; }

    /// <summary>Which header the line is.</summary>
    public HeaderId IdAt(int i) => LineAt(i).Id;

    /// <summary>The name of the line as written, perhaps its compact form.</summary>
    public ReadOnlySpan<byte> NameAt(int i)
    {
        ref readonly HeaderLine line = ref LineAt(i);
        return new ReadOnlySpan<byte>(octets, line.NameStart, line.NameLength);
    }

    /// <summary>The value of the line, white space at its ends cut; may have folds in it.</summary>
    public ReadOnlySpan<byte> ValueAt(int i) => Value(in LineAt(i));

    /// <summary>Whether there is such a header, if only with an empty value.</summary>
    public bool Has(HeaderId id) => first[(int)id] != 0;

    /// <summary>The value of the first line of that header; empty when absent.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> First(HeaderId id)
    {
        int at = first[(int)id];
        return at == 0 ? default : Value(in lines[at - 1]);
    }

    /// <summary>Walks the values of a header over all its lines, lists split at their commas.</summary>
    public HeaderValues Values(HeaderId id) => new(this, id);

    /// <summary>The value of the first header of that name, in any case; empty when absent. Meant for headers without id.</summary>
    public ReadOnlySpan<byte> Find(ReadOnlySpan<byte> name)
    {
        HeaderId id = HeaderTable.Find(name);
        if (id != HeaderId.Unknown)
        {
            return First(id);
        }

        for (int i = 0; i < count; i++)
        {
            if (lines[i].Id == HeaderId.Unknown && SipChars.EqualsIgnoreCase(NameAt(i), name))
            {
                return ValueAt(i);
            }
        }

        return default;
    }

    /// <summary>Counts one more holder.</summary>
    public void Retain() => references++;

    /// <summary>Counts one holder less; the last one returns message and buffer to their pools.</summary>
    public void Release()
    {
        System.Diagnostics.Debug.Assert(references > 0, "released more often than retained");
        if (--references == 0)
        {
            Detach();
            pool?.Return(this);
        }
    }

    /// <summary>The number of the first line of that header, or the number of lines when there is none.</summary>
    internal int FirstLine(HeaderId id) => first[(int)id] == 0 ? count : first[(int)id] - 1;

    private ReadOnlySpan<byte> Value(in HeaderLine line) => new(octets, line.ValueStart, line.ValueLength);

    private ref readonly HeaderLine LineAt(int i)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)i, (uint)count, nameof(i));
        return ref lines[i];
    }

    private ReadOnlySpan<byte> Span(Slice slice) => new(octets, slice.Start, slice.Length);
}
