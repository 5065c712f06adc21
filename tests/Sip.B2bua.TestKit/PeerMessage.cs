using System.Text;
using Sip.Transports;

namespace Sip.B2bua.TestKit;

/// <summary>Something that a test peer has received.</summary>
/// <param name="At">When, in the clock's elapsed time.</param>
/// <param name="From">Where from.</param>
/// <param name="Octets">The octets as they came.</param>
public sealed record PeerMessage(TimeSpan At, SipAddress From, ReadOnlyMemory<byte> Octets)
{
    /// <summary>The octets as text.</summary>
    public string Text => Encoding.UTF8.GetString(Octets.Span);

    /// <inheritdoc/>
    public override string ToString() => Text;
}
