using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>
/// Tells a called party who the caller is: not what the caller says, but what was proven, or what a trusted server vouches for
/// (RFC 3325 §5), and only if the caller does not mind (§7, RFC 3323 §5).
/// </summary>
internal static class CallerIdentity
{
    /// <summary>Writes P-Asserted-Identity and what is left of Privacy.</summary>
    /// <param name="writer">The INVITE.</param>
    /// <param name="caller">The leg of the party that calls; after a transfer it may be one that was called.</param>
    /// <param name="target">Who is called.</param>
    /// <param name="invite">The INVITE behind it.</param>
    public static void Write(ref SipWriter writer, Leg caller, Target target, SipMessage invite)
    {
        Call call = caller.Call;
        if (call.Privacy.HasFlag(PrivacyAsked.Refused))
        {
            writer.Header(HeaderId.Privacy, "none"u8); // RFC 3323 §5: not to be removed
        }

        if (!call.Options.AssertIdentity || IsPrivate(call.Privacy, invite) || IsToldAlready(target))
        {
            return;
        }

        if (call.IsCallerTrusted && invite.Has(HeaderId.PAssertedIdentity))
        {
            writer.CopyAll(invite, HeaderId.PAssertedIdentity);
        }
        else if (call.Known(caller).Identity is { } identity)
        {
            writer.BeginHeader(HeaderId.PAssertedIdentity);
            writer.Append("<sip:"u8);
            writer.Append(identity);
            writer.Append(">"u8);
            writer.EndHeader();
        }
    }

    // Who calls as nobody means it, also where it names no Privacy. RFC 3325 §7: with "none" the identity must not be left out.
    private static bool IsPrivate(PrivacyAsked asked, SipMessage invite) =>
        (asked & (PrivacyAsked.Id | PrivacyAsked.User)) != 0
        || (!asked.HasFlag(PrivacyAsked.Refused) && PrivacyHeader.IsAnonymous(invite.From));

    // A module knows more of this target: it belongs to a trusted network, say.
    private static bool IsToldAlready(Target target)
    {
        foreach ((string name, _) in target.Headers)
        {
            if (name.Equals("P-Asserted-Identity", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
