namespace Sip.B2bua.Modules.Filters;

/// <summary><c>numeric</c> value: it has digits and nothing else.</summary>
internal sealed class NumericNode(FilterOperand operand) : FilterNode
{
    public override bool IsTrue(IFilterVariables message)
    {
        Span<byte> scratch = stackalloc byte[FilterOperand.ScratchLength];
        var value = operand.Read(message, scratch);
        return !value.IsEmpty && !value.ContainsAnyExceptInRange((byte)'0', (byte)'9');
    }
}
