namespace Sip.B2bua;

/// <summary>Marks a setting by which the server itself goes, so that modules and server agree on it without knowing each other. Read at the start.</summary>
/// <param name="rule">What it decides.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DecidesAttribute(ServerRule rule) : Attribute
{
    /// <summary>What it decides.</summary>
    public ServerRule Rule => rule;
}
