namespace Sip.B2bua.Plugins.Trunks;

/// <summary>One line of a routes file.</summary>
/// <param name="Ways">Where to, best first: SIP URIs, or names of trunks behind <c>trunk:</c>.</param>
/// <param name="Condition">Which requests go there.</param>
/// <param name="Line">The number of the line.</param>
internal sealed record Route(IReadOnlyList<string> Ways, BooleanExpression Condition, int Line)
{
    /// <summary>What stands before the name of a trunk.</summary>
    public const string TrunkPrefix = "trunk:";

    /// <summary>The trunk that a way names, or null for a URI.</summary>
    public static string? TrunkOf(string way) =>
        way.StartsWith(TrunkPrefix, StringComparison.OrdinalIgnoreCase) ? way[TrunkPrefix.Length..] : null;
}
