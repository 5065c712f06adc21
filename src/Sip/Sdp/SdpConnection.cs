namespace Sip.Sdp;

/// <summary>The value of a c= line: <c>IN IP4 192.0.2.1/127</c> (RFC 8866 section 5.7).</summary>
public readonly ref struct SdpConnection
{
    /// <summary>The address type, usually <c>IP4</c> or <c>IP6</c>.</summary>
    public ReadOnlySpan<byte> AddressType { get; private init; }

    /// <summary>The address or host name as written, without time-to-live and count.</summary>
    public ReadOnlySpan<byte> Address { get; private init; }

    /// <summary>Whether the address type is <c>IP6</c>.</summary>
    public bool IsIPv6 => AddressType.SequenceEqual("IP6"u8);

    /// <summary>
    /// Whether the address is 0.0.0.0 or ::, by which older phones put a stream on hold (RFC 3264 section 8.4).
    /// </summary>
    public bool IsHold => Address.SequenceEqual("0.0.0.0"u8) || Address.SequenceEqual("::"u8);

    /// <summary>Reads the value of a c= line; false when it does not have its three fields.</summary>
    public static bool TryParse(ReadOnlySpan<byte> value, out SdpConnection connection)
    {
        connection = default;
        ReadOnlySpan<byte> network = SdpFields.Next(ref value);
        ReadOnlySpan<byte> type = SdpFields.Next(ref value);
        ReadOnlySpan<byte> address = SdpFields.Next(ref value);
        if (network.IsEmpty || type.IsEmpty || address.IsEmpty)
        {
            return false;
        }

        int slash = address.IndexOf((byte)'/');
        connection = new SdpConnection { AddressType = type, Address = slash < 0 ? address : address[..slash] };
        return !connection.Address.IsEmpty;
    }
}
