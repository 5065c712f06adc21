using Sip.Messages;

namespace Sip.Headers;

/// <summary>A CSeq value: number and method (RFC 3261 section 20.16).</summary>
public readonly ref struct CSeq
{
    private CSeq(uint number, ReadOnlySpan<byte> methodName)
    {
        Number = number;
        MethodName = methodName;
    }

    /// <summary>The sequence number; RFC 3261 lets nobody send more than 2^31 - 1, up to 2^32 - 1 is read.</summary>
    public uint Number { get; }

    /// <summary>The method as written.</summary>
    public ReadOnlySpan<byte> MethodName { get; }

    /// <summary>The method.</summary>
    public SipMethod Method => SipMethods.Find(MethodName);

    /// <summary>Reads a value; false when it is not one.</summary>
    public static bool TryParse(ReadOnlySpan<byte> value, out CSeq cseq)
    {
        cseq = default;
        int end = 0;
        while (end < value.Length && SipChars.IsDigit(value[end]))
        {
            end++;
        }

        int method = SipChars.SkipLws(value, end);
        if (method == end || !SipChars.TryParseUInt(value[..end], out uint number) || !SipChars.IsToken(value[method..]))
        {
            return false;
        }

        cseq = new CSeq(number, value[method..]);
        return true;
    }
}
