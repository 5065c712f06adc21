namespace Sip.B2bua.Configuration;

/// <summary>What every module's section has: who enters the module.</summary>
internal sealed class EntryOptions
{
    /// <summary>Whether the module takes part. The default is the module's own.</summary>
    [Setting("Whether the module takes part.")]
    public bool Enabled { get; set; }

    /// <summary>The condition that a message must meet.</summary>
    [Setting("The condition that a message must meet to enter the module, such as from.uri.domain == 'example.org'. Empty: every message enters.")]
    public BooleanExpression Filter { get; set; } = BooleanExpression.Default("");

    /// <summary>Flexisip's old condition on the sender's domain.</summary>
    [Setting("The sender's domains admitted, * for all; used when filter is empty.", Deprecated = "write filter = from.uri.domain in '...' instead")]
    public IReadOnlyList<string> FromDomains { get; set; } = ["*"];

    /// <summary>Flexisip's old condition on the domain called.</summary>
    [Setting("The domains admitted in To, * for all; used when filter is empty.", Deprecated = "write filter = to.uri.domain in '...' instead")]
    public IReadOnlyList<string> ToDomains { get; set; } = ["*"];
}
