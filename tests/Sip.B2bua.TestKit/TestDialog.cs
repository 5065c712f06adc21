namespace Sip.B2bua.TestKit;

/// <summary>What a <see cref="TestPhone"/> knows of one of its dialogs. A test may change any of it, to be wrong on purpose.</summary>
public sealed class TestDialog
{
    /// <summary>The Call-ID.</summary>
    public required string CallId { get; set; }

    /// <summary>The phone's tag.</summary>
    public required string LocalTag { get; set; }

    /// <summary>The server's tag, "" while there is none.</summary>
    public string RemoteTag { get; set; } = "";

    /// <summary>The phone's own address, without tag.</summary>
    public required string LocalAddress { get; set; }

    /// <summary>The other's address, without tag.</summary>
    public required string RemoteAddress { get; set; }

    /// <summary>Where requests go: the server's Contact.</summary>
    public required string RemoteTarget { get; set; }

    /// <summary>The number of the phone's last request.</summary>
    public int CSeq { get; set; }

    /// <summary>The last INVITE that the phone sent here.</summary>
    public TestMessage? SentInvite { get; set; }

    /// <summary>The last INVITE that came here.</summary>
    public TestMessage? ReceivedInvite { get; set; }
}
