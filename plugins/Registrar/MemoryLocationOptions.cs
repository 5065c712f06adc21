namespace Sip.B2bua.Plugins.Registrar;

/// <summary>The settings of the location service <c>internal</c>; they stand in <c>[module::Registrar]</c>.</summary>
internal sealed class MemoryLocationOptions
{
    [Setting("Most addresses whose bindings the internal location service keeps; a REGISTER for a further one is refused with 503.", Min = 1)]
    public int MaxAddresses { get; init; } = 100_000;
}
