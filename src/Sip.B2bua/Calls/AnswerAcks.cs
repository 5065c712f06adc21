using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>
/// The ACKs of one INVITE's 2xx, one for each phone that answered it: behind a target there may be a fork of somebody else's. Each
/// repetition of a 2xx gets its ACK again (RFC 3261 §13.2.2.4).
/// </summary>
internal struct AnswerAcks
{
    private List<(byte[] Tag, SipBuffer Ack)>? acks;

    /// <summary>Keeps the ACK of the 2xx with this To tag. Takes over the caller's count.</summary>
    public void Add(ReadOnlySpan<byte> tag, SipBuffer ack) => (acks ??= new(1)).Add((tag.ToArray(), ack));

    /// <summary>The ACK of the 2xx with this To tag; null when it was not acknowledged.</summary>
    public readonly SipBuffer? Find(ReadOnlySpan<byte> tag)
    {
        foreach ((byte[] known, SipBuffer ack) in acks ?? [])
        {
            if (tag.SequenceEqual(known))
            {
                return ack;
            }
        }

        return null;
    }

    /// <summary>Lets them go.</summary>
    public void Clear()
    {
        foreach ((_, SipBuffer ack) in acks ?? [])
        {
            ack.Release();
        }

        acks = null;
    }
}
