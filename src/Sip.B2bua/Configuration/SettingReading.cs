namespace Sip.B2bua.Configuration;

/// <summary>What came of reading one value: the value, or a fault.</summary>
/// <param name="Value">The value; null when it could not be read.</param>
/// <param name="Fault">What is wrong and what is allowed; null when it could be read.</param>
internal readonly record struct SettingReading(object? Value, string? Fault)
{
    /// <summary>The word that was probably meant, or null.</summary>
    public string? Suggestion { get; init; }

    /// <summary>Where in the text the fault is, counted from 0; -1 when all of it is meant.</summary>
    public int At { get; init; } = -1;

    /// <summary>A value that was read.</summary>
    public static SettingReading Good(object value) => new(value, null);

    /// <summary>A value that cannot be used.</summary>
    public static SettingReading Bad(string fault, string? suggestion = null, int at = -1) =>
        new(null, fault) { Suggestion = suggestion, At = at };
}
