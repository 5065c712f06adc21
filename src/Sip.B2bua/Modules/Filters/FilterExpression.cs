namespace Sip.B2bua.Modules.Filters;

/// <summary>A condition that was read from text.</summary>
internal sealed class FilterExpression(string text, FilterNode root) : BooleanExpression
{
    public override string Text => text;

    public override bool Evaluate(IFilterVariables message) => root.IsTrue(message);
}
