namespace Sip.Messages;

/// <summary>The status codes' standard phrases (RFC 3261 section 21 and its extensions).</summary>
public static class SipStatus
{
    /// <summary>The standard phrase of the code; for a code without one, the meaning of its class.</summary>
    public static ReadOnlySpan<byte> Phrase(int code) => code switch
    {
        < 300 => SuccessPhrase(code),
        < 400 => code switch
        {
            300 => "Multiple Choices"u8,
            301 => "Moved Permanently"u8,
            302 => "Moved Temporarily"u8,
            305 => "Use Proxy"u8,
            380 => "Alternative Service"u8,
            _ => "Redirection"u8,
        },
        < 500 => ClientFailurePhrase(code),
        < 600 => ServerFailurePhrase(code),
        600 => "Busy Everywhere"u8,
        603 => "Decline"u8,
        604 => "Does Not Exist Anywhere"u8,
        606 => "Not Acceptable"u8,
        607 => "Unwanted"u8,
        608 => "Rejected"u8,
        _ => "Global Failure"u8,
    };

    private static ReadOnlySpan<byte> SuccessPhrase(int code) => code switch
    {
        100 => "Trying"u8,
        180 => "Ringing"u8,
        181 => "Call Is Being Forwarded"u8,
        182 => "Queued"u8,
        183 => "Session Progress"u8,
        199 => "Early Dialog Terminated"u8,
        200 => "OK"u8,
        202 => "Accepted"u8,
        204 => "No Notification"u8,
        < 200 => "Progress"u8,
        _ => "Success"u8,
    };

    private static ReadOnlySpan<byte> ClientFailurePhrase(int code) => code switch
    {
        400 => "Bad Request"u8,
        401 => "Unauthorized"u8,
        402 => "Payment Required"u8,
        403 => "Forbidden"u8,
        404 => "Not Found"u8,
        405 => "Method Not Allowed"u8,
        406 => "Not Acceptable"u8,
        407 => "Proxy Authentication Required"u8,
        408 => "Request Timeout"u8,
        410 => "Gone"u8,
        412 => "Conditional Request Failed"u8,
        413 => "Request Entity Too Large"u8,
        414 => "Request-URI Too Long"u8,
        415 => "Unsupported Media Type"u8,
        416 => "Unsupported URI Scheme"u8,
        417 => "Unknown Resource-Priority"u8,
        420 => "Bad Extension"u8,
        421 => "Extension Required"u8,
        422 => "Session Interval Too Small"u8,
        423 => "Interval Too Brief"u8,
        428 => "Use Identity Header"u8,
        429 => "Provide Referrer Identity"u8,
        430 => "Flow Failed"u8,
        433 => "Anonymity Disallowed"u8,
        436 => "Bad Identity Info"u8,
        437 => "Unsupported Credential"u8,
        438 => "Invalid Identity Header"u8,
        439 => "First Hop Lacks Outbound Support"u8,
        440 => "Max-Breadth Exceeded"u8,
        469 => "Bad Info Package"u8,
        480 => "Temporarily Unavailable"u8,
        481 => "Call/Transaction Does Not Exist"u8,
        482 => "Loop Detected"u8,
        483 => "Too Many Hops"u8,
        484 => "Address Incomplete"u8,
        485 => "Ambiguous"u8,
        486 => "Busy Here"u8,
        487 => "Request Terminated"u8,
        488 => "Not Acceptable Here"u8,
        489 => "Bad Event"u8,
        491 => "Request Pending"u8,
        493 => "Undecipherable"u8,
        494 => "Security Agreement Required"u8,
        _ => "Request Failure"u8,
    };

    private static ReadOnlySpan<byte> ServerFailurePhrase(int code) => code switch
    {
        500 => "Server Internal Error"u8,
        501 => "Not Implemented"u8,
        502 => "Bad Gateway"u8,
        503 => "Service Unavailable"u8,
        504 => "Server Time-out"u8,
        505 => "Version Not Supported"u8,
        513 => "Message Too Large"u8,
        580 => "Precondition Failure"u8,
        _ => "Server Failure"u8,
    };
}
