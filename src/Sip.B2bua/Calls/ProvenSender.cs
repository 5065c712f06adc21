using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>What is known of who sent a request, and what the sender wants others to know.</summary>
/// <param name="Identity">The address-of-record that was proven to be the sender's, or null.</param>
/// <param name="IsTrusted">Whether the sender is trusted by address, so that what it says of identities is believed.</param>
/// <param name="Asked">What the sender asks to be kept private.</param>
internal readonly record struct ProvenSender(string? Identity, bool IsTrusted, PrivacyAsked Asked)
{
    /// <summary>Whether the sender wants to be nobody (RFC 3323 §5.3).</summary>
    public bool IsHidden => Asked.HasFlag(PrivacyAsked.User);

    /// <summary>Whether anything was proven at all.</summary>
    public bool IsKnown => Identity is not null || IsTrusted;

    /// <summary>The sender of a request that has come through the modules.</summary>
    public static ProvenSender Of(RequestContext request) => new(request.Identity, request.IsTrusted, PrivacyHeader.Read(request.Request));

    /// <summary>The sender of a kept message, in which we have written ourselves what may be known.</summary>
    public static ProvenSender OfKept(SipMessage message) => new(null, IsTrusted: true, PrivacyHeader.Read(message));
}
