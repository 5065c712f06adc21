using Sip.B2bua.Subscriptions;

namespace Sip.B2bua.Calls;

/// <summary>The numbers that the last REFER has which a leg has passed on to its party: each side may name the subscription by its own (RFC 3515 2.4.6).</summary>
/// <param name="Asked">The CSeq of who has asked.</param>
/// <param name="Own">The CSeq of ours.</param>
internal readonly record struct PassedReferral(uint Asked, uint Own)
{
    /// <summary>The value of Event as who has asked knows it; empty: as it is.</summary>
    public byte[] ForReferrer(ReadOnlySpan<byte> package) => Asked == Own ? [] : EventPackage.WithId(package, Own, Asked);

    /// <summary>The value of Event as the party knows it; empty: as it is.</summary>
    public byte[] ForReferred(ReadOnlySpan<byte> package) => Asked == Own ? [] : EventPackage.WithId(package, Asked, Own);
}
