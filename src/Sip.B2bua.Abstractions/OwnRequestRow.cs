namespace Sip.B2bua;

/// <summary>Requests of our own that share a Call-ID, with rising sequence numbers. Belongs to one loop.</summary>
public sealed class OwnRequestRow
{
    /// <summary>The Call-ID; the first request makes it.</summary>
    public string CallId { get; set; } = "";

    /// <summary>The sequence number used last.</summary>
    public uint CSeq { get; set; }
}
