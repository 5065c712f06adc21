namespace Sip.Sdp;

/// <summary>How large a session description may be; what goes beyond is refused whole, never cut.</summary>
/// <param name="MaxLength">Octets of the body.</param>
/// <param name="MaxLines">Lines, of whatever kind.</param>
/// <param name="MaxMedia">Media lines (m=).</param>
public readonly record struct SdpLimits(int MaxLength, int MaxLines, int MaxMedia)
{
    /// <summary>16 KB, 1000 lines and 32 media lines: a browser's largest offers stay below half of it.</summary>
    public static SdpLimits Default => new(16384, 1000, 32);

    /// <summary>
    /// Whether a body may lack the v= and o= lines, as the fragments of RFC 8840 do; false refuses it.
    /// </summary>
    public bool AllowFragment { get; init; }
}
