namespace Sip.B2bua.TestKit;

/// <content>Which requests the phone says that it takes.</content>
public sealed partial class TestPhone
{
    /// <summary>The methods in the Allow of its INVITEs and of its answers to INVITE and UPDATE; empty: it does not say.</summary>
    public string Allow { get; set; } = "";

    private string AllowLine => Allow.Length > 0 ? $"Allow: {Allow}\r\n" : "";
}
