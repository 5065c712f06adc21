namespace Sip.B2bua.Modules;

/// <summary>What one loop has counted of one module. Written by that loop only; anybody may read.</summary>
internal sealed class ModuleCounts
{
    /// <summary>Requests that the filter let in.</summary>
    public long Admitted { get; set; }

    /// <summary>Requests that the filter kept out.</summary>
    public long Skipped { get; set; }

    /// <summary>Exceptions that came out of the module.</summary>
    public long Faults { get; set; }

    /// <summary>How often it has blocked the loop.</summary>
    public long Slow { get; set; }
}
