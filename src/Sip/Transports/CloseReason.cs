namespace Sip.Transports;

/// <summary>Why a connection was closed.</summary>
public enum CloseReason
{
    /// <summary>It is open.</summary>
    None,

    /// <summary>The peer closed it.</summary>
    ClosedByPeer,

    /// <summary>The system reported an error.</summary>
    Error,

    /// <summary>The connect failed.</summary>
    ConnectFailed,

    /// <summary>The connect took too long.</summary>
    ConnectTimeout,

    /// <summary>The handshake (TLS) failed: no common version or cipher, or something else than a handshake came.</summary>
    HandshakeFailed,

    /// <summary>The handshake took too long.</summary>
    HandshakeTimeout,

    /// <summary>The peer's certificate is missing, not trusted, or does not stand for the domain that we look for.</summary>
    NotTrusted,

    /// <summary>Nothing was sent or received for too long.</summary>
    Idle,

    /// <summary>A message was begun and not finished in time.</summary>
    PartialMessage,

    /// <summary>What was received cannot be framed.</summary>
    Framing,

    /// <summary>The peer reads too slowly: the send queue was full.</summary>
    SendQueueFull,

    /// <summary>The server ends.</summary>
    Shutdown,
}
