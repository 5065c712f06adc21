namespace Sip.B2bua.Modules;

/// <summary>
/// Who enters a module: <c>enabled</c> and <c>filter</c> of its section. Asked by the host before every module, unknown to the module itself.
/// </summary>
internal sealed class EntryFilter(bool enabled, BooleanExpression filter)
{
    /// <summary>Whether the module takes part at all.</summary>
    public bool Enabled => enabled;

    /// <summary>The condition a message must meet.</summary>
    public BooleanExpression Filter => filter;

    /// <summary>Whether this message enters the module. Filters see responses too; <c>request.*</c> is empty there.</summary>
    public bool Admits(IFilterVariables message) => enabled && filter.Evaluate(message);
}
