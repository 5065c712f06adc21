namespace Sip.Messages;

/// <summary>What is wrong with a message that the parser refuses; <see cref="SipParseErrors"/> has the words for the answer.</summary>
public enum SipParseError : byte
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>Nothing but line ends, white space and zero octets: a keep-alive. Not answered.</summary>
    Empty,

    /// <summary>No start line of SIP. Not answered.</summary>
    NotSip,

    /// <summary>The start line has too many words, spaces where none may be, or a bad method.</summary>
    BadStartLine,

    /// <summary>Any version but SIP/2.0.</summary>
    BadVersion,

    /// <summary>A status code that is not three digits from 100 to 699.</summary>
    BadStatusCode,

    /// <summary>The Request-URI is malformed, stands in angle brackets, or carries headers.</summary>
    BadRequestUri,

    /// <summary>A header line without a colon or with a name that is no token.</summary>
    BadHeaderLine,

    /// <summary>A CR or LF by itself in the header lines.</summary>
    BareLineBreak,

    /// <summary>The datagram ends before the empty line that ends the headers.</summary>
    MissingEmptyLine,

    /// <summary>More header lines than <see cref="SipLimits.MaxHeaders"/>.</summary>
    TooManyHeaders,

    /// <summary>Header lines longer than <see cref="SipLimits.MaxHeaderBytes"/>.</summary>
    HeadersTooLarge,

    /// <summary>Longer than <see cref="SipLimits.MaxMessageBytes"/>.</summary>
    MessageTooLarge,

    /// <summary>No Via.</summary>
    MissingVia,

    /// <summary>No From.</summary>
    MissingFrom,

    /// <summary>No To.</summary>
    MissingTo,

    /// <summary>No Call-ID.</summary>
    MissingCallId,

    /// <summary>No CSeq.</summary>
    MissingCSeq,

    /// <summary>The top Via cannot be read.</summary>
    BadVia,

    /// <summary>From cannot be read.</summary>
    BadFrom,

    /// <summary>To cannot be read.</summary>
    BadTo,

    /// <summary>Call-ID is empty or has white space in it.</summary>
    BadCallId,

    /// <summary>CSeq is no number below 2^32 followed by a method.</summary>
    BadCSeq,

    /// <summary>Max-Forwards is no number from 0 to 255.</summary>
    BadMaxForwards,

    /// <summary>Content-Length is no number.</summary>
    BadContentLength,

    /// <summary>Content-Length is missing from a message of a stream.</summary>
    MissingContentLength,

    /// <summary>A header that may stand once stands twice.</summary>
    DuplicateHeader,

    /// <summary>The method in CSeq is not the method of the request.</summary>
    CSeqMethodMismatch,

    /// <summary>Content-Length says more octets than there are.</summary>
    TruncatedBody,
}
