namespace Sip.B2bua.Plugins.SanityChecker;

/// <summary>The settings of <c>[module::SanityChecker]</c>.</summary>
internal sealed class SanityCheckerOptions
{
    [Setting("Whether a request without a tag in its From is refused, as Flexisip does. Phones of the time before RFC 3261 send such requests.")]
    public bool RequireFromTag { get; init; }
}
