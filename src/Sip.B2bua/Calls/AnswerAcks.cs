using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>
/// The ACKs of one INVITE's 2xx, one for each phone that answered it: behind a target there may be a fork of somebody else's. Each
/// repetition of a 2xx gets its ACK again (RFC 3261 §13.2.2.4).
/// </summary>
internal struct AnswerAcks
{
    // Nearly always there is one.
    private byte[]? firstTag;
    private SipBuffer? first;
    private List<(byte[] Tag, SipBuffer Ack)>? others;

    /// <summary>Keeps the ACK of the 2xx with this To tag. Takes over the caller's count.</summary>
    public void Add(byte[] tag, SipBuffer ack)
    {
        if (first is null)
        {
            firstTag = tag;
            first = ack;
        }
        else
        {
            (others ??= new(1)).Add((tag, ack));
        }
    }

    /// <summary>The ACK of the 2xx with this To tag; null when it was not acknowledged.</summary>
    public readonly SipBuffer? Find(ReadOnlySpan<byte> tag)
    {
        if (first is not null && tag.SequenceEqual(firstTag))
        {
            return first;
        }

        for (int i = 0; i < (others?.Count ?? 0); i++)
        {
            if (tag.SequenceEqual(others![i].Tag))
            {
                return others[i].Ack;
            }
        }

        return null;
    }

    /// <summary>Gives the only one away, if there is any; false, and nothing given, where there are several.</summary>
    /// <param name="ack">It, with its count; null: there is none.</param>
    /// <param name="tag">The To tag of its 2xx.</param>
    public bool TryTakeOnly(out SipBuffer? ack, out ReadOnlySpan<byte> tag)
    {
        tag = firstTag;
        ack = others is null ? first : null;
        first = others is null ? null : first;
        return others is null;
    }

    /// <summary>Lets them go.</summary>
    public void Clear()
    {
        first?.Release();
        first = null;
        for (int i = 0; i < (others?.Count ?? 0); i++)
        {
            others![i].Ack.Release();
        }

        others = null;
    }
}
