namespace Sip.Sdp;

/// <summary>The value of an o= line: <c>user session-id version IN IP4 address</c> (RFC 8866 section 5.2).</summary>
public readonly ref struct SdpOrigin
{
    /// <summary>The user name, or <c>-</c>.</summary>
    public ReadOnlySpan<byte> UserName { get; private init; }

    /// <summary>The session id as written: numbers of any length occur.</summary>
    public ReadOnlySpan<byte> SessionId { get; private init; }

    /// <summary>The version as written.</summary>
    public ReadOnlySpan<byte> Version { get; private init; }

    /// <summary>The address or host name as written.</summary>
    public ReadOnlySpan<byte> Address { get; private init; }

    /// <summary>Reads the value of an o= line; false when it does not have six fields.</summary>
    public static bool TryParse(ReadOnlySpan<byte> value, out SdpOrigin origin)
    {
        ReadOnlySpan<byte> user = SdpFields.Next(ref value);
        ReadOnlySpan<byte> id = SdpFields.Next(ref value);
        ReadOnlySpan<byte> version = SdpFields.Next(ref value);
        ReadOnlySpan<byte> network = SdpFields.Next(ref value);
        ReadOnlySpan<byte> type = SdpFields.Next(ref value);
        ReadOnlySpan<byte> address = SdpFields.Next(ref value);
        origin = new SdpOrigin { UserName = user, SessionId = id, Version = version, Address = address };
        return !network.IsEmpty && !type.IsEmpty && !address.IsEmpty;
    }
}
