namespace Sip.B2bua.FunctionalTests;

/// <summary>Tests that look at the memory and the sockets of the whole process: nothing else runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
#pragma warning disable CA1711 // What the test framework calls it.
public sealed class MemoryCollection
#pragma warning restore CA1711
{
    internal const string Name = "Memory";
}
