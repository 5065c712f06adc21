namespace Sip.Sdp;

/// <summary>Says in a phrase what an <see cref="SdpError"/> means, for the reason phrase of a refusal.</summary>
public static class SdpErrors
{
    /// <summary>The phrase, in ASCII, without a full stop.</summary>
    public static ReadOnlySpan<byte> Phrase(SdpError error) => error switch
    {
        SdpError.Empty => "SDP is empty"u8,
        SdpError.TooLong => "SDP is too long"u8,
        SdpError.TooManyLines => "SDP has too many lines"u8,
        SdpError.TooManyMedia => "SDP has too many media lines"u8,
        SdpError.BadLine => "SDP line is not of the form x=value"u8,
        SdpError.BadVersion => "SDP does not start with v=0"u8,
        SdpError.BadOrigin => "SDP o= line is missing or malformed"u8,
        SdpError.BadConnection => "SDP c= line is malformed"u8,
        SdpError.BadMedia => "SDP m= line is malformed"u8,
        _ => "SDP is well formed"u8,
    };
}
