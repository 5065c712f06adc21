using Sip.Headers;
using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>
/// What a leg knows of the session's identifier (RFC 7989 7): the UUID of its party, and the one that the party was told is its peer's.
/// A leg has it once somebody in its call uses Session-ID; a call of phones that know nothing of it does without. Whoever has no UUID of
/// its own gets one from us as soon as it is talking to somebody who has.
/// </summary>
internal sealed class LegSessionId
{
    private UInt128 own;
    private UInt128 peer;

    /// <summary>8: a party's response, its ACK, or a request of it that was accepted says which UUID is its own. Without one, nothing changes.</summary>
    public static void Learn(Leg party, SipMessage message)
    {
        if (SessionIdentifier.TryRead(message, out SessionIdentifier id) && id.HasRemote && id.Local != 0)
        {
            (party.SessionId ??= new LegSessionId()).own = id.Local;
        }
    }

    /// <summary>Writes Session-ID into a message, if anybody in the call uses it.</summary>
    /// <param name="writer">The message.</param>
    /// <param name="to">The leg whose party gets it; null when that is over.</param>
    /// <param name="e">What it tells.</param>
    /// <param name="answered">The party's request that it answers; null for a request of ours.</param>
    public static void Write(ref SipWriter writer, Leg? to, in CallEvent e, SipMessage? answered)
    {
        if (to is null)
        {
            return;
        }

        Leg? from = e.From ?? (ReferenceEquals(e.Asker?.Leg, to) ? null : e.Asker?.Leg);
        bool isSaid = SessionIdentifier.TryRead(e.Message, out SessionIdentifier said);
        bool isAsked = SessionIdentifier.TryRead(answered, out SessionIdentifier asked) && asked.HasRemote && asked.Local != 0;
        if (isSaid && !said.HasRemote)
        {
            writer.CopyAll(e.Message!, HeaderId.SessionId); // 11: one UUID for both ends, as RFC 7329 had it
            return;
        }

        if (!isSaid && !isAsked && from?.SessionId is null && to.SessionId is null)
        {
            return;
        }

        // 7: the same UUIDs as in the message that causes this one; nobody's, where it speaks for several.
        UInt128 local = e.IsOfMany ? 0 : isSaid ? said.Local : from is null ? to.SessionId?.peer ?? 0 : from.SessionId?.own ?? 0;
        UInt128 remote = isAsked ? asked.Local : to.SessionId?.own ?? 0;
        if (local == 0 && remote != 0 && !isSaid && !e.IsOfMany && from is { IsHeard: true })
        {
            local = SessionIdentifier.NewUuid();
            (from.SessionId ??= new LegSessionId()).own = local;
        }
        else if (remote == 0 && local != 0 && to.IsHeard)
        {
            remote = said.Remote != 0 ? said.Remote : SessionIdentifier.NewUuid();
            (to.SessionId ??= new LegSessionId()).own = remote;
        }

        if (local != 0)
        {
            (to.SessionId ??= new LegSessionId()).peer = local;
        }

        if (local != 0 || remote != 0)
        {
            new SessionIdentifier(local, remote).Write(ref writer);
        }
    }
}
