namespace Sip.B2bua.Modules.Filters;

/// <summary>value <c>in</c> value: the left one is a word of the right one, which is a list split at blanks.</summary>
internal sealed class InNode(FilterOperand left, FilterOperand right) : FilterNode
{
    public override bool IsTrue(IFilterVariables message)
    {
        Span<byte> scratch = stackalloc byte[FilterOperand.ScratchLength];
        Span<byte> other = stackalloc byte[FilterOperand.ScratchLength];
        var value = left.Read(message, scratch);
        var list = right.Read(message, other);
        foreach (var word in list.SplitAny(" \t"u8))
        {
            // Blanks beside each other make empty words; an empty value is in no list.
            if (!value.IsEmpty && list[word].SequenceEqual(value))
            {
                return true;
            }
        }

        return false;
    }
}
