using System.Diagnostics.CodeAnalysis;

namespace Sip.B2bua;

/// <summary>Reads conditions in the filter language for modules that have them in files of their own.</summary>
public interface IConditions
{
    /// <summary>Reads a condition.</summary>
    /// <param name="text">The condition; empty text is true for every message.</param>
    /// <param name="condition">The condition, or null.</param>
    /// <param name="fault">What is wrong with the text, or null.</param>
    bool TryRead(string text, [NotNullWhen(true)] out BooleanExpression? condition, [NotNullWhen(false)] out string? fault);
}
