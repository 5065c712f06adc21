namespace Sip.B2bua;

/// <summary>
/// Makes a property of an options class a parameter of the configuration file. The property's initial value is the
/// default; its type decides the grammar. From this attribute come binding, validation, <c>--dump-default</c>,
/// <c>--check</c> and the reference page.
/// </summary>
/// <remarks>
/// <para>Types: <see cref="bool"/>, <see cref="int"/>, <see cref="long"/>, <see cref="string"/>,
/// <c>IReadOnlyList&lt;string&gt;</c> (words split at blanks), <see cref="TimeSpan"/>, <see cref="PortRange"/>, any enum (its
/// names in kebab-case) and <see cref="BooleanExpression"/>. The property needs a <c>set</c> or <c>init</c>.</para>
/// <para>The key is the property's name in kebab-case: <c>MaxContactsByAor</c> is <c>max-contacts-by-aor</c>,
/// <c>No403</c> is <c>no-403</c>, <c>H264IframeDecim</c> is <c>h264-iframe-decim</c>.</para>
/// </remarks>
/// <param name="help">What the parameter does, in plain sentences; wrapped when it is written to a file.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SettingAttribute(string help) : Attribute
{
    /// <summary>What the parameter does, in plain sentences.</summary>
    public string Help { get; } = help;

    /// <summary>The unit of a duration written without one: <c>ms</c>, <c>s</c> (when absent) or <c>min</c>.</summary>
    public string? Unit { get; init; }

    /// <summary>The key, where the kebab-case of the property's name is not it.</summary>
    public string? Name { get; init; }

    /// <summary>The smallest value allowed: a number, or for a duration its text (<c>"1s"</c>).</summary>
    public object? Min { get; init; }

    /// <summary>The largest value allowed: a number, or for a duration its text (<c>"1d"</c>).</summary>
    public object? Max { get; init; }

    /// <summary>The words allowed, for a string or for each word of a list.</summary>
    public string[]? Words { get; init; }

    /// <summary>
    /// An older key that is used, with a warning, when this one is not set. For a <see cref="PortRange"/> two keys split by a
    /// blank: the lower and the upper bound.
    /// </summary>
    public string? Fallback { get; init; }

    /// <summary>Says what became of a parameter that still works but should not be used; null for all others.</summary>
    public string? Deprecated { get; init; }
}
