namespace Sip.B2bua.Modules.Filters;

/// <summary><c>!</c> and the term behind it.</summary>
internal sealed class NotNode(FilterNode term) : FilterNode
{
    public override bool IsTrue(IFilterVariables message) => !term.IsTrue(message);
}
