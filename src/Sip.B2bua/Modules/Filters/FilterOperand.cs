using System.Text;

namespace Sip.B2bua.Modules.Filters;

/// <summary>One side of a comparison: a constant, or a variable of the message.</summary>
internal sealed class FilterOperand
{
    /// <summary>The room that a number needs when it is read as text.</summary>
    public const int ScratchLength = 32;

    private readonly FilterVariable variable;
    private readonly byte[]? constant;

    /// <summary>A constant.</summary>
    public FilterOperand(string text) => constant = Encoding.UTF8.GetBytes(text);

    /// <summary>A variable.</summary>
    public FilterOperand(FilterVariable variable) => this.variable = variable;

    /// <summary>The bytes of a constant; null for a variable.</summary>
    public byte[]? Constant => constant;

    /// <summary>The operand's text for this message; empty when the message has none.</summary>
    public ReadOnlySpan<byte> Read(IFilterVariables message, Span<byte> scratch)
    {
        if (constant is not null)
        {
            return constant;
        }

        if (variable == FilterVariable.Direction)
        {
            return message.IsRequest ? "request"u8 : "response"u8;
        }

        return message.Read(variable, scratch);
    }
}
