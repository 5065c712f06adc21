using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>
/// Tells a called party who the caller is: not what the caller says, but what was proven, or what a trusted server vouches for
/// (RFC 3325 §5), and only if the caller does not mind (§7, RFC 3323 §5).
/// </summary>
internal static class CallerIdentity
{
    /// <summary>Writes P-Asserted-Identity and what is left of Privacy.</summary>
    /// <param name="writer">The request for the target.</param>
    /// <param name="options">Whether anything is asserted.</param>
    /// <param name="sender">Who asks.</param>
    /// <param name="target">Who is called.</param>
    /// <param name="request">The request behind it.</param>
    public static void Write(ref SipWriter writer, CallOptions options, in ProvenSender sender, Target? target, SipMessage request)
    {
        if (sender.Asked.HasFlag(PrivacyAsked.Refused))
        {
            writer.Header(HeaderId.Privacy, "none"u8); // RFC 3323 §5: not to be removed
        }

        if (!options.AssertIdentity || IsPrivate(sender.Asked, request) || (target is not null && IsToldAlready(target)))
        {
            return;
        }

        if (sender.IsTrusted && request.Has(HeaderId.PAssertedIdentity))
        {
            writer.CopyAll(request, HeaderId.PAssertedIdentity);
        }
        else if (sender.Identity is { } identity)
        {
            writer.BeginHeader(HeaderId.PAssertedIdentity);
            writer.Append("<sip:"u8);
            writer.Append(identity);
            writer.Append(">"u8);
            writer.EndHeader();
        }
    }

    // Who calls as nobody means it, also where it names no Privacy. RFC 3325 §7: with "none" the identity must not be left out.
    private static bool IsPrivate(PrivacyAsked asked, SipMessage request) =>
        (asked & (PrivacyAsked.Id | PrivacyAsked.User)) != 0
        || (!asked.HasFlag(PrivacyAsked.Refused) && PrivacyHeader.IsAnonymous(request.From));

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
