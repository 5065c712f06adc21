namespace Sip.B2bua.Modules.Filters;

/// <summary>The names of the variables.</summary>
internal static class FilterVariables
{
    private static readonly Dictionary<string, FilterVariable> Names = new(StringComparer.Ordinal)
    {
        ["direction"] = FilterVariable.Direction,
        ["request.method-name"] = FilterVariable.RequestMethod,
        ["request.method"] = FilterVariable.RequestMethod,
        ["request.uri.domain"] = FilterVariable.RequestUriDomain,
        ["request.uri.user"] = FilterVariable.RequestUriUser,
        ["request.uri.params"] = FilterVariable.RequestUriParams,
        ["from.uri.domain"] = FilterVariable.FromUriDomain,
        ["from.uri.user"] = FilterVariable.FromUriUser,
        ["from.uri.params"] = FilterVariable.FromUriParams,
        ["to.uri.domain"] = FilterVariable.ToUriDomain,
        ["to.uri.user"] = FilterVariable.ToUriUser,
        ["to.uri.params"] = FilterVariable.ToUriParams,
        ["contact.uri.domain"] = FilterVariable.ContactUriDomain,
        ["contact.uri.user"] = FilterVariable.ContactUriUser,
        ["contact.uri.params"] = FilterVariable.ContactUriParams,
        ["user-agent"] = FilterVariable.UserAgent,
        ["call-id"] = FilterVariable.CallId,
        ["call-id.hash"] = FilterVariable.CallIdHash,
        ["status.code"] = FilterVariable.StatusCode,
        ["status.phrase"] = FilterVariable.StatusPhrase,
        ["content-type"] = FilterVariable.ContentType,
    };

    /// <summary>Every name.</summary>
    public static IEnumerable<string> All => Names.Keys;

    /// <summary>Finds a variable by its name.</summary>
    public static bool TryFind(string name, out FilterVariable variable) => Names.TryGetValue(name, out variable);
}
