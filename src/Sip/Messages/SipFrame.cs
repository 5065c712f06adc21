namespace Sip.Messages;

/// <summary>What <see cref="SipFramer"/> found at the start of the octets.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Length">How many octets it takes; for an error, how long the start line and headers are if they are whole, for an answer; else 0.</param>
/// <param name="IsPing">A keep-alive that wants to be answered with CRLF (RFC 5626 section 4.4.1).</param>
/// <param name="Error">What is wrong.</param>
public readonly record struct SipFrame(SipFrameKind Kind, int Length, bool IsPing, FramingError Error);
