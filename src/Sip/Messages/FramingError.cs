namespace Sip.Messages;

/// <summary>Why a stream can no longer be cut into messages. After one the connection is closed; nothing behind it is read.</summary>
public enum FramingError : byte
{
    /// <summary>No error.</summary>
    None,

    /// <summary>What stands where a message should start cannot be SIP.</summary>
    NotSip,

    /// <summary>A CR or LF by itself in the header lines.</summary>
    BareLineBreak,

    /// <summary>The headers are longer than <see cref="SipLimits.MaxHeaderBytes"/>.</summary>
    HeadersTooLarge,

    /// <summary>The message is longer than <see cref="SipLimits.MaxMessageBytes"/>.</summary>
    MessageTooLarge,

    /// <summary>No Content-Length.</summary>
    MissingContentLength,

    /// <summary>Content-Length is no number.</summary>
    BadContentLength,

    /// <summary>More than one Content-Length, equal or not.</summary>
    DuplicateContentLength,
}
