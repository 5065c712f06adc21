namespace Sip.Messages;

/// <summary>How a message that the parser refused is answered.</summary>
public static class SipParseErrors
{
    /// <summary>The status code of the answer; 0 where nothing is answered.</summary>
    public static int StatusCode(this SipParseError error) => error switch
    {
        SipParseError.None or SipParseError.Empty or SipParseError.NotSip => 0,
        SipParseError.BadVersion => 505,
        SipParseError.MessageTooLarge or SipParseError.HeadersTooLarge => 513,
        _ => 400,
    };

    /// <summary>The reason phrase of the answer: what is wrong, in a few words.</summary>
    public static ReadOnlySpan<byte> Phrase(this SipParseError error) => error switch
    {
        SipParseError.BadStartLine => "Malformed Request Line"u8,
        SipParseError.BadVersion => "Version Not Supported"u8,
        SipParseError.BadRequestUri => "Malformed Request-URI"u8,
        SipParseError.BadHeaderLine => "Malformed Header Line"u8,
        SipParseError.BareLineBreak => "Line Break Without CRLF"u8,
        SipParseError.MissingEmptyLine => "Headers Not Ended By Empty Line"u8,
        SipParseError.TooManyHeaders => "Too Many Headers"u8,
        SipParseError.HeadersTooLarge => "Headers Too Large"u8,
        SipParseError.MessageTooLarge => "Message Too Large"u8,
        SipParseError.MissingVia => "Missing Via"u8,
        SipParseError.MissingFrom => "Missing From"u8,
        SipParseError.MissingTo => "Missing To"u8,
        SipParseError.MissingCallId => "Missing Call-ID"u8,
        SipParseError.MissingCSeq => "Missing CSeq"u8,
        SipParseError.BadVia => "Malformed Via"u8,
        SipParseError.BadFrom => "Malformed From"u8,
        SipParseError.BadTo => "Malformed To"u8,
        SipParseError.BadCallId => "Malformed Call-ID"u8,
        SipParseError.BadCSeq => "Malformed CSeq"u8,
        SipParseError.BadMaxForwards => "Malformed Max-Forwards"u8,
        SipParseError.BadContentLength => "Malformed Content-Length"u8,
        SipParseError.MissingContentLength => "Missing Content-Length"u8,
        SipParseError.DuplicateHeader => "Header Present More Than Once"u8,
        SipParseError.CSeqMethodMismatch => "CSeq Method Does Not Match"u8,
        SipParseError.TruncatedBody => "Body Shorter Than Content-Length"u8,
        _ => "Bad Request"u8,
    };
}
