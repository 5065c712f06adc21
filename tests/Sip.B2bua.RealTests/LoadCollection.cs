using Xunit;

namespace Sip.B2bua.RealTests;

/// <summary>Runs alone, after the others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LoadCollection
{
    public const string Name = "load";
}
