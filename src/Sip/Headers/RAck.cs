using Sip.Messages;

namespace Sip.Headers;

/// <summary>A RAck value: which reliable provisional response a PRACK acknowledges (RFC 3262 section 7.2).</summary>
public readonly ref struct RAck
{
    private RAck(uint responseNumber, CSeq cseq)
    {
        ResponseNumber = responseNumber;
        CSeqNumber = cseq.Number;
        MethodName = cseq.MethodName;
    }

    /// <summary>The RSeq of the response.</summary>
    public uint ResponseNumber { get; }

    /// <summary>The CSeq number of the response.</summary>
    public uint CSeqNumber { get; }

    /// <summary>The CSeq method of the response, as written.</summary>
    public ReadOnlySpan<byte> MethodName { get; }

    /// <summary>The CSeq method of the response.</summary>
    public SipMethod Method => SipMethods.Find(MethodName);

    /// <summary>Reads a value; false when it is not one.</summary>
    public static bool TryParse(ReadOnlySpan<byte> value, out RAck rack)
    {
        rack = default;
        int end = 0;
        while (end < value.Length && SipChars.IsDigit(value[end]))
        {
            end++;
        }

        int rest = SipChars.SkipLws(value, end);

        // 7.1: RSeq is 1 to 2^32 - 1.
        if (rest == end || !SipChars.TryParseUInt(value[..end], out uint number) || number == 0 || !CSeq.TryParse(value[rest..], out CSeq cseq))
        {
            return false;
        }

        rack = new RAck(number, cseq);
        return true;
    }
}
