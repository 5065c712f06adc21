namespace Sip.B2bua.Modules.Filters;

/// <summary>value <c>contains</c> value: the right one is found somewhere in the left one.</summary>
internal sealed class ContainsNode(FilterOperand left, FilterOperand right) : FilterNode
{
    public override bool IsTrue(IFilterVariables message)
    {
        Span<byte> scratch = stackalloc byte[FilterOperand.ScratchLength];
        Span<byte> other = stackalloc byte[FilterOperand.ScratchLength];
        return left.Read(message, scratch).IndexOf(right.Read(message, other)) >= 0;
    }
}
