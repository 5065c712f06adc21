namespace Sip.B2bua;

/// <summary>
/// Marks a setting, a list of words, whose values are domains that this server serves: the host adds them to those of
/// <see cref="ILocalDomains.IsServedDomain"/>, so that modules agree on them without knowing each other.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DeclaresDomainsAttribute : Attribute;
