namespace Sip.Sdp;

/// <summary>What is wrong with a session description; <see cref="None"/> when nothing is.</summary>
public enum SdpError : byte
{
    /// <summary>The description was read.</summary>
    None,

    /// <summary>There is no line in the body.</summary>
    Empty,

    /// <summary>The body is longer than <see cref="SdpLimits.MaxLength"/>.</summary>
    TooLong,

    /// <summary>There are more lines than <see cref="SdpLimits.MaxLines"/>.</summary>
    TooManyLines,

    /// <summary>There are more media lines than <see cref="SdpLimits.MaxMedia"/>.</summary>
    TooManyMedia,

    /// <summary>A line is not a letter, an equals sign and a value (RFC 8866 section 5).</summary>
    BadLine,

    /// <summary>The first line is not <c>v=0</c>.</summary>
    BadVersion,

    /// <summary>The o= line is missing or does not have six fields.</summary>
    BadOrigin,

    /// <summary>A c= line does not have three fields.</summary>
    BadConnection,

    /// <summary>An m= line lacks a field or its port is not a number up to 65535.</summary>
    BadMedia,
}
