using Sip.B2bua.Daemon;

namespace Sip.B2bua.Tests.Daemon;

public sealed class CommandLineTests
{
    [Fact]
    public async Task Without_options_the_server_starts_on_its_default_file()
    {
        var options = await Read();
        Assert.Equal("/etc/sip-b2bua/sip-b2bua.conf", options!.File);
        Assert.False(options.OnlyPrints);
        Assert.Empty(options.Overrides);
    }

    [Fact]
    public async Task Flexisips_options_are_read()
    {
        var options = await Read(
            "-c", "/x.conf", "-d", "-p", "/run/x.pid", "-t", "sip:*:5070 sips:*",
            "-s", "global/log-level=debug", "--set", "module::Authentication/file-path=/a/b=c", "-s", "global/aliases=");
        Assert.Equal(("/x.conf", true, "/run/x.pid"), (options!.File, options.Debug, options.PidFile));
        Assert.Equal(
            ["global/log-level=debug", "module::Authentication/file-path=/a/b=c", "global/aliases=", "global/transports=sip:*:5070 sips:*"],
            options.Overrides.Select(o => $"{o.Path}={o.Value}"));
    }

    [Theory]
    [InlineData("--dump-default", "all")]
    [InlineData("--dump-default", "module::Router")]
    [InlineData("--dump-all-default")]
    [InlineData("--rewrite-config")]
    [InlineData("--check")]
    [InlineData("--list-modules")]
    [InlineData("--list-sections")]
    public async Task What_only_prints_starts_nothing(params string[] args) => Assert.True((await Read(args))!.OnlyPrints);

    [Theory]
    [InlineData("-s", "nothing")]
    [InlineData("-s", "key=value")]
    [InlineData("-s", "global/=value")]
    [InlineData("-s", "/key=value")]
    [InlineData("--unheard-of")]
    public async Task What_cannot_be_read_starts_nothing(params string[] args) => Assert.Null(await Read(args));

    private static async Task<StartOptions?> Read(params string[] args)
    {
        StartOptions? read = null;
        var code = await CommandLine.RunAsync(args, options =>
        {
            read = options;
            return Task.FromResult(7);
        });
        Assert.Equal(read is null ? 1 : 7, code);
        return read;
    }
}
