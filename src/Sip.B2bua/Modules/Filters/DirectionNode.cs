namespace Sip.B2bua.Modules.Filters;

/// <summary><c>is_request</c> or <c>is_response</c>.</summary>
internal sealed class DirectionNode(bool request) : FilterNode
{
    public override bool IsTrue(IFilterVariables message) => message.IsRequest == request;
}
