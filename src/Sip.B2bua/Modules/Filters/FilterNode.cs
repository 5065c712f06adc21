namespace Sip.B2bua.Modules.Filters;

/// <summary>A part of a parsed filter that is true or false for a message.</summary>
internal abstract class FilterNode
{
    /// <summary>Asks the message.</summary>
    public abstract bool IsTrue(IFilterVariables message);
}
