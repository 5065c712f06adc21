namespace Sip.B2bua;

/// <summary>A value that is well written but cannot be used.</summary>
/// <param name="Key">The parameter, as it is called in the file.</param>
/// <param name="What">What is wrong and what would be right, in half a sentence without a full stop.</param>
public sealed record SettingFault(string Key, string What);
