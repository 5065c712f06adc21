using System.Text;
using Sip.Uris;

namespace Sip.B2bua.Plugins.Router;

/// <content>Requests whose targets a proxy before us has listed.</content>
internal sealed partial class RouterModule
{
    // Each of them that is of ours, in place of the Request-URI.
    private async ValueTask<TargetFinder.Found> FindListedAsync(RequestContext context, TargetFinder.Search search)
    {
        TargetFinder.Found found = TargetFinder.Found.Nothing;
        foreach (string uri in ListedTargets.Read(context))
        {
            if (TryReadOwn(uri, out string address, out string instance))
            {
                search.Addresses?.Add(domains.RecordKey(address)); // whether or not its phones are there
                found = TargetFinder.Better(
                    found, instance.Length > 0 ? await finder.AddInstanceAsync(search, address, instance) : await finder.AddAsync(search, address));
            }
        }

        return found;
    }

    private bool TryReadOwn(string text, out string address, out string instance)
    {
        (address, instance) = ("", "");
        return SipUri.TryParse(Encoding.UTF8.GetBytes(text), out SipUri uri) && domains.IsServedDomain(uri.Host)
            && AddressOfRecord.TryRead(uri, out address) && (!IsGruu(uri, out instance) || instance.Length > 0);
    }
}
