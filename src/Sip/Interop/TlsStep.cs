namespace Sip.Interop;

/// <summary>How a step of a TLS connection has ended.</summary>
internal enum TlsStep
{
    /// <summary>Well.</summary>
    Done,

    /// <summary>Not yet: it goes on when the socket has something to read.</summary>
    WantRead,

    /// <summary>Not yet: it goes on when the socket has room.</summary>
    WantWrite,

    /// <summary>The peer has ended its side properly.</summary>
    Ended,

    /// <summary>The connection is broken.</summary>
    Failed,
}
