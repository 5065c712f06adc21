namespace Sip.B2bua.Modules.Filters;

/// <summary><c>true</c> or <c>false</c>.</summary>
internal sealed class FixedNode(bool value) : FilterNode
{
    public override bool IsTrue(IFilterVariables message) => value;
}
