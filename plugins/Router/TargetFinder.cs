using System.Text;
using Sip.Uris;

namespace Sip.B2bua.Plugins.Router;

/// <summary>
/// Makes targets of the bindings of an address-of-record. A binding to another address of ours is an alias and is followed, one
/// step and no further.
/// </summary>
internal sealed class TargetFinder(ILocationService location, ILocalDomains domains)
{
    /// <summary>What was found.</summary>
    public enum Found
    {
        /// <summary>No live binding.</summary>
        Nothing,

        /// <summary>At least one target.</summary>
        Targets,

        /// <summary>Bindings, but none that a sips URI may go to (RFC 5630 §5.1.1).</summary>
        OnlyInsecure,

        /// <summary>Bindings, but they lead back to us.</summary>
        OnlyLoops,
    }

    /// <summary>Adds the targets of an address to a list.</summary>
    /// <param name="to">The list, and what it is for.</param>
    /// <param name="addressOfRecord">The address.</param>
    public async ValueTask<Found> AddAsync(Search to, string addressOfRecord)
    {
        LocationRecord record = await location.FetchAsync(addressOfRecord);
        Found found = Found.Nothing;
        foreach (Binding binding in record.Bindings)
        {
            if (HasNewerFlow(record, binding))
            {
                continue;
            }

            found = Better(found, FindAlias(binding, addressOfRecord) is { } alias
                ? await AddAliasAsync(to, alias)
                : Add(to, addressOfRecord, binding));
        }

        return found;
    }

    /// <summary>Adds the one phone that a public GRUU names (RFC 5627 5.1): its newest flow.</summary>
    /// <param name="to">The list, and what it is for.</param>
    /// <param name="addressOfRecord">The address.</param>
    /// <param name="instance">The value of the URI's parameter gr.</param>
    public async ValueTask<Found> AddInstanceAsync(Search to, string addressOfRecord, string instance)
    {
        LocationRecord record = await location.FetchAsync(addressOfRecord);
        Found found = Found.Nothing;
        foreach (Binding binding in record.Bindings.Where(b => b.InstanceId == instance).OrderByDescending(b => b.Updated))
        {
            found = Better(found, Add(to, addressOfRecord, binding));
            if (found == Found.Targets)
            {
                break;
            }
        }

        return found;
    }

    // RFC 5626 7: no two flows of one phone are tried at once; the newest that lives is the one.
    private static bool HasNewerFlow(LocationRecord record, Binding binding)
    {
        if (!binding.UniqueId.Contains(";reg-id=", StringComparison.Ordinal))
        {
            return false;
        }

        foreach (Binding other in record.Bindings)
        {
            if (other.Updated > binding.Updated && other.Flow is null or { IsAlive: true } && other.InstanceId == binding.InstanceId)
            {
                return true;
            }
        }

        return false;
    }

    private async ValueTask<Found> AddAliasAsync(Search to, string alias)
    {
        LocationRecord record = await location.FetchAsync(alias);
        Found found = Found.Nothing;
        foreach (Binding binding in record.Bindings)
        {
            if (FindAlias(binding, alias) is null && !HasNewerFlow(record, binding))
            {
                found = Better(found, Add(to, alias, binding));
            }
        }

        return found;
    }

    private Found Add(Search to, string addressOfRecord, Binding binding)
    {
        if (!SipUri.TryParse(Encoding.UTF8.GetBytes(binding.Contact), out SipUri uri))
        {
            return Found.Nothing;
        }

        if (to.IsSecure && !uri.IsSecure)
        {
            return Found.OnlyInsecure;
        }

        // A connection that is gone cannot be made again from here, and somebody else may be at its address by now. A call that
        // late phones may join waits for this one.
        if (binding.Flow is { IsAlive: false } && !to.IsLate)
        {
            to.Trail.Add("Router", "left out {0}: its connection is closed", binding.Contact);
            return Found.Nothing;
        }

        if (binding.Flow is null && binding.Path.Count == 0 && domains.IsUs(uri.Host, uri.Port))
        {
            to.Trail.Add("Router", "left out {0}: it is this server", binding.Contact);
            return Found.OnlyLoops;
        }

        Target target = binding.ToTarget(addressOfRecord);
        if (!to.Targets.Contains(target))
        {
            to.Targets.Add(target);
        }

        return Found.Targets;
    }

    // A contact that is itself an address-of-record of ours; a phone's own contact has its flow.
    private string? FindAlias(Binding binding, string addressOfRecord) =>
        binding.Flow is null && binding.Path.Count == 0 && SipUri.TryParse(Encoding.UTF8.GetBytes(binding.Contact), out SipUri uri)
            && !uri.User.IsEmpty && domains.IsServedDomain(uri.Host) && AddressOfRecord.TryRead(uri, out string alias) && alias != addressOfRecord
            ? alias
            : null;

    /// <summary>What targets are looked for.</summary>
    /// <param name="Targets">Where they go.</param>
    /// <param name="Trail">Where the reasons go.</param>
    /// <param name="IsSecure">Whether only secure targets will do.</param>
    /// <param name="IsLate">Whether phones that are not there just now count.</param>
    public readonly record struct Search(List<Target> Targets, DecisionTrail Trail, bool IsSecure, bool IsLate);

    private static Found Better(Found a, Found b) => a == Found.Targets || b == Found.Nothing ? a : b;
}
