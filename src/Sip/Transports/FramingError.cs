namespace Sip.Transports;

/// <summary>Why a stream cannot be framed.</summary>
public enum FramingError
{
    /// <summary>It can.</summary>
    None,

    /// <summary>Neither a request nor a response begins here.</summary>
    NotSip,

    /// <summary>The header block is over the limit.</summary>
    HeaderTooLong,

    /// <summary>The message is over the limit.</summary>
    MessageTooLong,

    /// <summary>There is no Content-Length, which a stream needs (RFC 3261 18.3).</summary>
    NoContentLength,

    /// <summary>The Content-Length cannot be read, or there are two that differ.</summary>
    BadContentLength,
}
