using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>
/// Which reliable provisional responses of a party have come (RFC 3262 §4). Behind a target there may be several phones; each numbers
/// its own.
/// </summary>
internal struct ReliableResponses
{
    private List<(byte[] Tag, uint Number)>? last;

    /// <summary>The number of a response that must be acknowledged; 0 for an ordinary one.</summary>
    public static uint NumberOf(SipMessage response) =>
        !response.ToTag.IsEmpty && Extensions.Requires(response, "100rel"u8) && SipChars.TryParseUInt(response.First(HeaderId.RSeq), out uint number) ? number : 0;

    /// <summary>4: only the next in order counts; a repetition, or one that came too early, is ignored.</summary>
    public bool TryTake(SipMessage response, uint number)
    {
        last ??= new(1);
        for (int i = 0; i < last.Count; i++)
        {
            if (response.ToTag.SequenceEqual(last[i].Tag))
            {
                if (number != last[i].Number + 1)
                {
                    return false;
                }

                last[i] = (last[i].Tag, number);
                return true;
            }
        }

        last.Add((response.ToTag.ToArray(), number));
        return true;
    }
}
