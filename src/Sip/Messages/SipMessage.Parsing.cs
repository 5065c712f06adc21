namespace Sip.Messages;

/// <summary>The half that pool and parser use.</summary>
public sealed partial class SipMessage
{
    internal void Lend() => references = 1;

    /// <summary>
    /// Empties the message and lays it over a buffer, of which it does not own a count until <see cref="Own"/>.
    /// </summary>
    internal void Attach(SipBuffer over)
    {
        Detach();
        buffer = over;
        octets = over.Array;
        length = over.Length;
    }

    /// <summary>Makes the caller's count of the buffer the message's.</summary>
    internal void Own() => ownsBuffer = true;

    /// <summary>Adds a header line; whether it is the first of its id.</summary>
    internal bool Add(in HeaderLine line)
    {
        if (count == lines.Length)
        {
            // The table is kept with the pooled object, so it grows a few times in a process's life.
            Array.Resize(ref lines, count * 2);
        }

        lines[count++] = line;
        ref ushort index = ref first[(int)line.Id];
        if (index != 0)
        {
            return false;
        }

        index = (ushort)count;
        return true;
    }

    private void Detach()
    {
        SipBuffer? owned = ownsBuffer ? buffer : null;
        ownsBuffer = false;
        buffer = null;
        octets = [];
        length = 0;
        count = 0;
        Array.Clear(first);
        IsRequest = false;
        Method = CSeqMethod = SipMethod.Unknown;
        StatusCode = 0;
        CSeqNumber = 0;
        MaxForwards = -1;
        CanBeAnswered = false;
        MethodSlice = RequestUriSlice = ReasonSlice = TopViaSlice = BranchSlice = SentBySlice = default;
        CSeqMethodSlice = FromTagSlice = ToTagSlice = BodySlice = default;
        owned?.Release();
    }
}
