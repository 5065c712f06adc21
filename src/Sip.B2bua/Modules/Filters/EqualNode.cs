namespace Sip.B2bua.Modules.Filters;

/// <summary>value <c>==</c> value: the same bytes, case included.</summary>
internal sealed class EqualNode(FilterOperand left, FilterOperand right) : FilterNode
{
    public override bool IsTrue(IFilterVariables message)
    {
        Span<byte> scratch = stackalloc byte[FilterOperand.ScratchLength];
        Span<byte> other = stackalloc byte[FilterOperand.ScratchLength];
        return left.Read(message, scratch).SequenceEqual(right.Read(message, other));
    }
}
