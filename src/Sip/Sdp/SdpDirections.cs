namespace Sip.Sdp;

/// <summary>The wire names of <see cref="SdpDirection"/>.</summary>
public static class SdpDirections
{
    /// <summary>Reads an attribute such as <c>sendonly</c>; false for any other.</summary>
    public static bool TryParse(ReadOnlySpan<byte> attribute, out SdpDirection direction)
    {
        attribute = attribute.TrimEnd((byte)' ');
        for (direction = SdpDirection.SendRecv; direction <= SdpDirection.Inactive; direction++)
        {
            if (attribute.SequenceEqual(Name(direction)))
            {
                return true;
            }
        }

        direction = SdpDirection.SendRecv;
        return false;
    }

    /// <summary>The attribute that says <paramref name="direction"/>.</summary>
    public static ReadOnlySpan<byte> Name(SdpDirection direction) => direction switch
    {
        SdpDirection.SendOnly => "sendonly"u8,
        SdpDirection.RecvOnly => "recvonly"u8,
        SdpDirection.Inactive => "inactive"u8,
        _ => "sendrecv"u8,
    };

    /// <summary>The same stream as the other party sees it: what one sends the other receives.</summary>
    public static SdpDirection Reverse(SdpDirection direction) => direction switch
    {
        SdpDirection.SendOnly => SdpDirection.RecvOnly,
        SdpDirection.RecvOnly => SdpDirection.SendOnly,
        _ => direction,
    };
}
