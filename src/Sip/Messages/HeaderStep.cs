namespace Sip.Messages;

/// <summary>What <see cref="HeaderReader"/> found.</summary>
internal enum HeaderStep : byte
{
    /// <summary>A header line.</summary>
    Header,

    /// <summary>The empty line that ends the headers.</summary>
    End,

    /// <summary>A line that is no header; reading can go on after it.</summary>
    BadLine,

    /// <summary>A CR or LF by itself: nobody can say where lines end, so reading stops.</summary>
    BareLineBreak,

    /// <summary>The octets end before the empty line.</summary>
    Unfinished,
}
