using Sip.B2bua.RealTests.Programs;
using Xunit;
using Xunit.Abstractions;

namespace Sip.B2bua.RealTests;

/// <summary>A short run of the soak program; the long one is started by hand (see bench/README.md).</summary>
[Collection(LoadCollection.Name)]
public sealed class SoakTests(ITestOutputHelper output)
{
    [Fact]
    public async Task No_garbage_on_any_transport_keeps_the_server_from_answering_within_a_second()
    {
        string program = Path.Combine(AppContext.BaseDirectory, "Sip.Soak.dll");
        await using var soak = new RunningProgram("dotnet", [program, "--seconds", "12", "--settle", "0"], AppContext.BaseDirectory);
        await soak.EndedAsync(seconds: 90);
        output.WriteLine(soak.Output.Text);
        Assert.True(soak.ExitCode == 0, soak.Output.Tail());
    }
}
