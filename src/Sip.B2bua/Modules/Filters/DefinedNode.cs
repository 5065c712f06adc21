namespace Sip.B2bua.Modules.Filters;

/// <summary><c>defined</c> value: it is not empty.</summary>
internal sealed class DefinedNode(FilterOperand operand) : FilterNode
{
    public override bool IsTrue(IFilterVariables message)
    {
        Span<byte> scratch = stackalloc byte[FilterOperand.ScratchLength];
        return !operand.Read(message, scratch).IsEmpty;
    }
}
