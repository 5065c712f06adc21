namespace Sip.Transports;

/// <summary>Why there is no way to a target.</summary>
public enum TargetProblem : byte
{
    /// <summary>There is one.</summary>
    None,

    /// <summary>The URI is none that a request can be sent to.</summary>
    BadUri,

    /// <summary>The URI or the domain wants a transport that this server does not have.</summary>
    NoTransport,

    /// <summary>No name server knows an address for the host.</summary>
    UnknownHost,

    /// <summary>The domain says that it has no such service (RFC 2782: a target of ".").</summary>
    NoService,

    /// <summary>No name server has answered.</summary>
    NoAnswer,

    /// <summary>It leads back to this server.</summary>
    Loop,
}
