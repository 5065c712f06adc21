namespace Sip.Messages;

/// <summary>What the start of a stream's octets is.</summary>
public enum SipFrameKind : byte
{
    /// <summary>Not whole yet; read more.</summary>
    NeedMore,

    /// <summary>A whole message.</summary>
    Message,

    /// <summary>A CRLF between messages.</summary>
    KeepAlive,

    /// <summary>Never to be a message; close the connection.</summary>
    Error,
}
