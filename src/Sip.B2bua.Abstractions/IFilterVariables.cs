namespace Sip.B2bua;

/// <summary>The values of one SIP message that a filter may ask for.</summary>
public interface IFilterVariables
{
    /// <summary>Whether the message is a request; if not, it is a response.</summary>
    bool IsRequest { get; }

    /// <summary>Reads one value.</summary>
    /// <param name="variable">Which one.</param>
    /// <param name="scratch">At least 32 bytes in which a number may be written out.</param>
    /// <returns>The value, in the message or in <paramref name="scratch"/>; empty when the message has none. All values of the
    /// Request-URI and the method are empty for a response, those of the status are empty for a request.</returns>
    ReadOnlySpan<byte> Read(FilterVariable variable, Span<byte> scratch);
}
