namespace Sip.B2bua.Plugins.MediaRelay;

/// <summary>What became of an offer or answer that was to be relayed.</summary>
internal enum RelayOutcome
{
    /// <summary>The rewritten description was written out.</summary>
    Relayed,

    /// <summary>An earlier relay marked the description as its own: it crosses as it is.</summary>
    Untouched,

    /// <summary>The description cannot be read.</summary>
    BadDescription,

    /// <summary>No pair of ports is left, or none could be opened.</summary>
    NoPorts,

    /// <summary>The party has no address of ours to be reached at.</summary>
    NoLocalAddress,

    /// <summary>The call was closed meanwhile.</summary>
    Closed,
}
