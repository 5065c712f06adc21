namespace Sip.B2bua.Plugins.CallRecords;

/// <summary>One leg of a recorded call.</summary>
/// <param name="Number">0 for the caller's.</param>
/// <param name="Party">Who.</param>
/// <param name="CallId">The Call-ID towards that party.</param>
/// <param name="Address">Where its signalling came from or went to; empty when it never got so far.</param>
/// <param name="Transport">By which transport, in lower case; empty with the address.</param>
/// <param name="UserAgent">What the phone calls itself.</param>
/// <param name="Code">The final status code, 0 for none.</param>
internal sealed record LegEntry(int Number, string Party, string CallId, string Address, string Transport, string UserAgent, int Code);
