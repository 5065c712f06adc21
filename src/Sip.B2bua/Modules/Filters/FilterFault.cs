namespace Sip.B2bua.Modules.Filters;

/// <summary>Why a filter cannot be read.</summary>
/// <param name="At">Where in the text, counted from 0.</param>
/// <param name="What">What is wrong there.</param>
/// <param name="Suggestion">The word that was probably meant, or null.</param>
internal sealed record FilterFault(int At, string What, string? Suggestion = null);
