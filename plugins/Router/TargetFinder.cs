using Sip.Messages;
using Sip.Uris;

namespace Sip.B2bua.Plugins.Router;

/// <summary>
/// Makes targets of the bindings of an address-of-record. A binding to another address of ours is an alias and is followed, one
/// step and no further.
/// </summary>
internal sealed class TargetFinder(ILocationService location, ILocalDomains domains, TimeProvider time)
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
        LocationRecord record = await FetchAsync(addressOfRecord);
        Found found = Found.Nothing;
        if (to.Addresses is not null && HasDevice(record, addressOfRecord))
        {
            Note(to, addressOfRecord);
        }

        for (int i = 0; i < record.Bindings.Count; i++)
        {
            Binding binding = record.Bindings[i];
            found = Better(found, FindAlias(binding, addressOfRecord) is { } alias
                ? await AddAliasAsync(to, alias)
                : AddDevice(to, addressOfRecord, record, binding));
        }

        return found;
    }

    /// <summary>Adds the one phone that a public GRUU names (RFC 5627 5.1), by its flows.</summary>
    /// <param name="to">The list, and what it is for.</param>
    /// <param name="addressOfRecord">The address.</param>
    /// <param name="instance">The value of the URI's parameter gr.</param>
    public async ValueTask<Found> AddInstanceAsync(Search to, string addressOfRecord, string instance)
    {
        LocationRecord record = await FetchAsync(addressOfRecord);
        Found found = Found.Nothing;
        foreach (Binding binding in record.Bindings.Where(b => b.InstanceId == instance).OrderByDescending(b => b.Updated))
        {
            found = Better(found, AddFlows(to, addressOfRecord, record, binding));
            if (found == Found.Targets)
            {
                break;
            }
        }

        return found;
    }

    // Apart, so that only who asks pays for the closure.
    private bool HasDevice(LocationRecord record, string addressOfRecord) => record.Bindings.Any(binding => FindAlias(binding, addressOfRecord) is null);

    // The device of a binding, unless one of its other bindings has brought it already.
    private Found AddDevice(Search to, string addressOfRecord, LocationRecord record, Binding binding)
    {
        bool isLater = false;
        for (int i = 0; i < record.Bindings.Count; i++)
        {
            Binding other = record.Bindings[i];
            if (ReferenceEquals(other, binding))
            {
                isLater = true;
            }
            else if (other.IsSameDevice(binding))
            {
                return isLater ? AddFlows(to, addressOfRecord, record, binding) : Found.Nothing;
            }
        }

        Found found = Judge(to, addressOfRecord, binding);
        if (found == Found.Targets)
        {
            Add(to, binding.ToTarget(addressOfRecord));
        }

        return found;
    }

    // RFC 5626 7: "MUST NOT populate the target set with more than one contact with the same AOR and instance-id at a time". All flows of a
    // phone are one target: the newest that lives, the others for when it fails.
    private Found AddFlows(Search to, string addressOfRecord, LocationRecord record, Binding binding)
    {
        Found found = Found.Nothing;
        Target? flows = null;
        foreach (Binding flow in record.Bindings.Where(binding.IsSameDevice).OrderBy(IsAlive).ThenBy(flow => flow.Updated))
        {
            Found one = Judge(to, addressOfRecord, flow);
            found = Better(found, one);
            if (one == Found.Targets)
            {
                Target target = flow.ToTarget(addressOfRecord);
                flows = flows is null ? target : target.FollowedBy(flows);
            }
        }

        if (flows is not null)
        {
            Add(to, flows);
        }

        return found;
    }

    private ValueTask<LocationRecord> FetchAsync(string addressOfRecord) => location.FetchAsync(domains.RecordKey(addressOfRecord));

    private static bool IsAlive(Binding binding) => binding.Flow is null or { IsAlive: true };

    private void Note(Search to, string addressOfRecord) => to.Addresses?.Add(domains.RecordKey(addressOfRecord));

    private async ValueTask<Found> AddAliasAsync(Search to, string alias)
    {
        Note(to, alias);
        LocationRecord record = await FetchAsync(alias);
        Found found = Found.Nothing;
        foreach (Binding binding in record.Bindings)
        {
            if (FindAlias(binding, alias) is null)
            {
                found = Better(found, AddDevice(to, alias, record, binding));
            }
        }

        return found;
    }

    private Found Judge(Search to, string addressOfRecord, Binding binding)
    {
        if (!SipUri.TryParse(binding.ToTarget(addressOfRecord).UriBytes.Span, out SipUri uri))
        {
            return Found.Nothing;
        }

        if (to.IsSecure && !uri.IsSecure)
        {
            return Found.OnlyInsecure;
        }

        if (!binding.Takes(to.IsMessage ? SipMethod.Message : SipMethod.Invite, time.GetUtcNow()))
        {
            to.Trail.Add("Router", "left out {0}: its registration is over and takes messages only", binding.Contact);
            return Found.Nothing;
        }

        // A connection that is gone cannot be made again from here, and somebody else may be at its address by now. A call that
        // late phones may join waits for this one.
        if (!IsAlive(binding) && !to.IsLate)
        {
            to.Trail.Add("Router", "left out {0}: its connection is closed", binding.Contact);
            return Found.Nothing;
        }

        if (binding.Flow is null && binding.Path.Count == 0 && domains.IsUs(uri.Host, uri.Port))
        {
            to.Trail.Add("Router", "left out {0}: it is this server", binding.Contact);
            return Found.OnlyLoops;
        }

        return Found.Targets;
    }

    private static void Add(Search to, Target target)
    {
        foreach (Target other in to.Targets)
        {
            if (ReferenceEquals(other.Binding, target.Binding))
            {
                return;
            }
        }

        to.Targets.Add(target);
    }

    // A contact that is itself an address-of-record of ours; a phone's own contact has its flow.
    private string? FindAlias(Binding binding, string addressOfRecord) =>
        binding.Flow is null && binding.Path.Count == 0 && SipUri.TryParse(binding.ToTarget(addressOfRecord).UriBytes.Span, out SipUri uri)
            && !uri.User.IsEmpty && domains.IsServedDomain(uri.Host) && AddressOfRecord.TryRead(uri, out string alias) && domains.RecordKey(alias) != domains.RecordKey(addressOfRecord)
            ? alias
            : null;

    /// <summary>What targets are looked for.</summary>
    /// <param name="Targets">Where they go.</param>
    /// <param name="Trail">Where the reasons go.</param>
    /// <param name="IsSecure">Whether only secure targets will do.</param>
    /// <param name="IsLate">Whether phones that are not there just now count.</param>
    public readonly record struct Search(List<Target> Targets, DecisionTrail Trail, bool IsSecure, bool IsLate)
    {
        /// <summary>Whether it is for a MESSAGE, which a phone may take longer than anything else.</summary>
        public bool IsMessage { get; init; }

        /// <summary>Where the keys of the addresses go whose phones it is for; null: nobody wants to know.</summary>
        public HashSet<string>? Addresses { get; init; }
    }

    /// <summary>Of two findings the one that says more.</summary>
    public static Found Better(Found a, Found b) => a == Found.Targets || b == Found.Nothing ? a : b;
}
