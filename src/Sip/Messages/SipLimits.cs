namespace Sip.Messages;

/// <summary>The sizes beyond which a message is refused. All in octets unless a member says otherwise.</summary>
public sealed record SipLimits
{
    /// <summary>The limits that suit a server on a small machine.</summary>
    public static SipLimits Default { get; } = new();

    /// <summary>How many header lines a message may have. 128; more than 1,000 are never accepted.</summary>
    public int MaxHeaders { get; init; } = 128;

    /// <summary>How long start line and header lines may be together. 32 KB.</summary>
    public int MaxHeaderBytes { get; init; } = 32 * 1024;

    /// <summary>How long a whole message may be. 64 KB.</summary>
    public int MaxMessageBytes { get; init; } = 64 * 1024;
}
