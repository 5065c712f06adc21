using Sip.Messages;

namespace Sip.B2bua;

/// <summary>Writes further headers of a message. Use a static lambda and pass what it needs as state, so that nothing is allocated.</summary>
/// <param name="writer">Where the headers go.</param>
/// <param name="state">What the caller passed.</param>
public delegate void HeaderWriter(ref SipWriter writer, object? state);
