namespace Sip.B2bua.Plugins.Router;

/// <summary>The settings of <c>[module::Router]</c> that choose targets; how they are tried is the business of the call.</summary>
internal sealed class RouterOptions : ICheckedOptions
{
    [Setting("Address or URI that is tried last, when no binding has taken the request or there is none; the Request-URI stays as it is.")]
    public string FallbackRoute { get; init; } = "";

    [Setting("Condition under which fallback-route is used.")]
    public BooleanExpression FallbackRouteFilter { get; init; } = BooleanExpression.Default("true");

    [Setting("Looks for a user who is not registered at the parent domain: sip:bob@a.example.org at example.org, and so on upwards.")]
    public bool ParentDomainFallback { get; init; }

    [Setting("URIs that every INVITE and MESSAGE for a user of ours goes to as well.")]
    public IReadOnlyList<string> StaticTargets { get; init; } = [];

    public IEnumerable<SettingFault> Check()
    {
        foreach (string target in StaticTargets)
        {
            if (!AddressOfRecord.TryRead(System.Text.Encoding.UTF8.GetBytes(target), out _))
            {
                yield return new SettingFault("static-targets", $"\"{target}\" is no SIP URI");
            }
        }
    }
}
