using Sip.B2bua.RealTests.Programs;
using Xunit;
using Xunit.Abstractions;

namespace Sip.B2bua.RealTests;

public sealed class OptionsTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Sipsak_gets_200_to_its_probe()
    {
        await using var site = await TestSite.StartAsync(output);

        (int exitCode, string printed) = await Sipsak.OptionsAsync(site.Server);

        Assert.True(exitCode == 0, printed);
        Assert.Contains("SIP/2.0 200", printed, StringComparison.Ordinal);
        await site.StopServerAsync();
    }
}
