using System.Diagnostics.CodeAnalysis;
using Sip.B2bua.Modules.Filters;

namespace Sip.B2bua.Modules;

/// <summary>The filter language, for modules with conditions in files of their own.</summary>
internal sealed class Conditions : IConditions
{
    /// <inheritdoc/>
    public bool TryRead(string text, [NotNullWhen(true)] out BooleanExpression? condition, [NotNullWhen(false)] out string? fault)
    {
        ArgumentNullException.ThrowIfNull(text);
        condition = FilterParser.Parse(text, out FilterFault? found);
        fault = condition is null ? Describe(found!) : null;
        return condition is not null;
    }

    private static string Describe(FilterFault fault) =>
        $"{fault.What}, at character {fault.At + 1} of the condition{(fault.Suggestion is { } word ? $"; did you mean {word}?" : "")}";
}
