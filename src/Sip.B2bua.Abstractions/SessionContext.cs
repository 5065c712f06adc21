using System.Net;
using Sip.Messages;
using Sip.Transports;

namespace Sip.B2bua;

/// <summary>
/// One offer or answer that crosses from leg to leg. A module may put another body in its place or refuse it. Valid only
/// during the call that hands it over.
/// </summary>
public abstract class SessionContext
{
    /// <summary>The call.</summary>
    public abstract ICall Call { get; }

    /// <summary>The leg that it came from.</summary>
    public abstract ILeg From { get; }

    /// <summary>The leg that it goes to.</summary>
    public abstract ILeg To { get; }

    /// <summary>True for an offer, false for an answer (RFC 3264).</summary>
    public abstract bool IsOffer { get; }

    /// <summary>True for the session that a target sends before its final answer (early media).</summary>
    public abstract bool IsEarly { get; }

    /// <summary>The session description as it stands, after the modules before.</summary>
    public abstract ReadOnlySpan<byte> Sdp { get; }

    /// <summary>The address that the sending leg's signalling comes from: where its media may come from when it is behind NAT.</summary>
    public abstract SipAddress Source { get; }

    /// <summary>Our address as the receiving leg's peer sees it: what belongs into its <c>c=</c> line.</summary>
    public abstract IPAddress LocalAddressFor(ILeg leg);

    /// <summary>Puts another description in the place of <see cref="Sdp"/>; takes over the caller's count of the buffer.</summary>
    public abstract void Replace(SipBuffer sdp);

    /// <summary>Lends a buffer for <see cref="Replace"/>.</summary>
    public abstract SipBuffer Rent(int size);

    /// <summary>Refuses the offer: the asking party gets this response, a call in progress stays as it was.</summary>
    public abstract void Refuse(int code, string reason);
}
