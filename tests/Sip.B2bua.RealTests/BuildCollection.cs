using Xunit;

namespace Sip.B2bua.RealTests;

/// <summary>Builds in the checkout, and replaces the plug-ins that other tests start their servers with: runs alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class BuildCollection
{
    public const string Name = "Builds in the checkout";
}
