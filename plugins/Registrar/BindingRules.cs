using System.Text;
using Sip.Uris;

namespace Sip.B2bua.Plugins.Registrar;

/// <summary>Why a REGISTER changes nothing.</summary>
internal enum BindingFault
{
    /// <summary>It does change something.</summary>
    None,

    /// <summary>Out of order: its CSeq is not above that of the binding it touches (RFC 3261 §10.3, step 7).</summary>
    ReplayedCSeq,

    /// <summary>It alone brings more contacts than an address may keep.</summary>
    TooMany,
}

/// <summary>One Contact of a REGISTER.</summary>
/// <param name="Binding">The binding that it asks for; its identity is a placeholder when the phone gave none.</param>
/// <param name="Remove">True when it asks for the end of the binding (expires 0).</param>
internal readonly record struct IncomingContact(Binding Binding, bool Remove);

/// <summary>What a REGISTER makes of the bindings.</summary>
/// <param name="Fault">Why nothing changes, if so.</param>
/// <param name="Bindings">All bindings afterwards.</param>
internal readonly record struct BindingOutcome(BindingFault Fault, IReadOnlyList<Binding> Bindings);

/// <summary>
/// Which bindings a REGISTER adds, replaces and removes. Pure: no clock, no store. All or nothing, as RFC 3261 §10.3 wants.
/// Of a Contact and a binding, the first rule that applies decides:
/// 1. same push parameters: the same app on the same phone, even when it was installed anew and has another instance id;
/// 2. either has an identity of its own: same when the identities are equal;
/// 3. neither has one: same when the URIs are equal (§19.1.4).
/// </summary>
internal static class BindingRules
{
    /// <summary>What the identity of a binding begins with when the phone gave none.</summary>
    public const string PlaceholderPrefix = "fs-gen-";

    private enum Match
    {
        Different,
        Same,
        Replayed,
        Dead,
    }

    /// <summary>Applies the Contacts of one REGISTER.</summary>
    /// <param name="existing">The bindings before.</param>
    /// <param name="contacts">The Contacts, all of one request.</param>
    /// <param name="now">The time of the request.</param>
    /// <param name="maximum">How many bindings the address may keep.</param>
    public static BindingOutcome Apply(IReadOnlyList<Binding> existing, IReadOnlyList<IncomingContact> contacts, DateTimeOffset now, int maximum)
    {
        List<Binding> kept = [.. existing];
        List<Binding> added = new(contacts.Count);
        foreach (IncomingContact contact in contacts)
        {
            Binding binding = contact.Binding;
            for (int i = kept.Count - 1; i >= 0; i--)
            {
                switch (Compare(kept[i], binding, now))
                {
                    case Match.Same:
                        binding = Inherit(binding, kept[i]);
                        kept.RemoveAt(i);
                        break;
                    case Match.Replayed:
                        return new BindingOutcome(BindingFault.ReplayedCSeq, existing);
                    case Match.Dead:
                        kept.RemoveAt(i);
                        break;
                    case Match.Different:
                        break;
                }
            }

            // The same contact twice in one request: the later one counts.
            added.RemoveAll(a => IsSame(a, binding));
            if (!contact.Remove)
            {
                added.Add(binding);
            }
        }

        if (added.Count > maximum)
        {
            return new BindingOutcome(BindingFault.TooMany, existing);
        }

        Evict(kept, maximum - added.Count);
        kept.AddRange(added);
        return new BindingOutcome(BindingFault.None, kept);
    }

    /// <summary>Applies <c>Contact: *</c> with <c>Expires: 0</c> (RFC 3261 §10.2.2): removes all, unless one is of a later request.</summary>
    /// <param name="existing">The bindings before.</param>
    /// <param name="callId">The Call-ID of the request.</param>
    /// <param name="cseq">The CSeq of the request.</param>
    public static BindingOutcome RemoveAll(IReadOnlyList<Binding> existing, string callId, uint cseq)
    {
        foreach (Binding binding in existing)
        {
            // 10.3 step 6: same Call-ID and a CSeq that is not higher: the request fails as a whole.
            if (binding.CallId == callId && cseq <= binding.CSeq)
            {
                return new BindingOutcome(BindingFault.ReplayedCSeq, existing);
            }
        }

        return new BindingOutcome(BindingFault.None, []);
    }

    private static Match Compare(Binding old, Binding binding, DateTimeOffset now)
    {
        if (old.KeptUntil <= now)
        {
            return Match.Dead;
        }

        if (!IsSame(old, binding) || old.Updated > binding.Updated)
        {
            return Match.Different;
        }

        if (old.CallId != binding.CallId || binding.CSeq > old.CSeq)
        {
            return Match.Same;
        }

        // 10.3 step 7: older than what we know. A device that we know by its identity may repeat its last request unharmed.
        return binding.CSeq == old.CSeq && HasIdentity(old) ? Match.Same : Match.Replayed;
    }

    private static bool IsSame(Binding old, Binding binding)
    {
        if (SharesPushParameters(old.Contact, binding.Contact))
        {
            return true;
        }

        return HasIdentity(old) || HasIdentity(binding)
            ? string.Equals(old.UniqueId, binding.UniqueId, StringComparison.Ordinal)
            : AreEqualUris(old.Contact, binding.Contact);
    }

    private static bool HasIdentity(Binding binding) => !binding.UniqueId.StartsWith(PlaceholderPrefix, StringComparison.Ordinal);

    // A placeholder stays with the device for as long as we recognise it.
    private static Binding Inherit(Binding binding, Binding old) => HasIdentity(binding) ? binding : binding with { UniqueId = old.UniqueId, IsIdMade = old.IsIdMade };

    private static void Evict(List<Binding> kept, int room)
    {
        if (kept.Count > room)
        {
            kept.Sort(static (a, b) => a.Updated.CompareTo(b.Updated));
            kept.RemoveRange(0, kept.Count - room);
        }
    }

    private static bool AreEqualUris(string a, string b) => a == b || SipUriComparer.Equal(Encoding.UTF8.GetBytes(a), Encoding.UTF8.GetBytes(b));

    // RFC 8599 §4.1, or the names that Linphone used before it.
    private static bool SharesPushParameters(string a, string b)
    {
        if (!a.Contains("pn-", StringComparison.Ordinal) || !b.Contains("pn-", StringComparison.Ordinal)
            || !SipUri.TryParse(Encoding.UTF8.GetBytes(a), out SipUri first) || !SipUri.TryParse(Encoding.UTF8.GetBytes(b), out SipUri second))
        {
            return false;
        }

        return (Shares(first, second, "pn-prid"u8) && Shares(first, second, "pn-provider"u8) && Agrees(first, second, "pn-param"u8))
            || (Shares(first, second, "pn-tok"u8) && Shares(first, second, "pn-type"u8) && Agrees(first, second, "app-id"u8));
    }

    private static bool Shares(in SipUri a, in SipUri b, ReadOnlySpan<byte> name) => a.HasParam(name) && Agrees(a, b, name);

    private static bool Agrees(in SipUri a, in SipUri b, ReadOnlySpan<byte> name)
    {
        a.TryGetParam(name, out ReadOnlySpan<byte> x);
        b.TryGetParam(name, out ReadOnlySpan<byte> y);
        return x.SequenceEqual(y);
    }
}
