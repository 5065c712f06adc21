using System.Net;
using System.Net.Sockets;
using Sip.B2bua.RealTests.Programs;
using Xunit;

namespace Sip.B2bua.RealTests;

/// <summary>A start that cannot be: the program says why, and ends.</summary>
public sealed class StartTests
{
    [Theory]
    [InlineData("--check")]
    [InlineData("--debug")]
    public async Task A_plug_in_that_is_broken_is_named_and_nothing_else_is_complained_of(string option)
    {
        using var folder = new ScratchFolder("broken");
        Directory.CreateDirectory(folder.File("plugins.d/Broken"));
        folder.Write("plugins.d/Broken/Broken.dll", "junk");
        folder.Write("server.conf", $"[global]\nplugins-dir={folder.File("plugins.d")}\n");
        await using var program = new RunningProgram(
            Path.Combine(ServerProcess.Checkout, "artifacts", "server", "sip-b2bua"), ["-c", folder.File("server.conf"), option], folder.Path);

        await program.EndedAsync();

        Assert.Equal(1, program.ExitCode);
        Assert.Contains("Broken.dll: it is no .NET assembly.", program.Output.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("xception", program.Output.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("warning", program.Output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_another_program_has_is_named_with_the_line_of_the_file()
    {
        using var folder = new ScratchFolder("taken");
        using Socket other = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        other.Bind(new IPEndPoint(IPAddress.Parse("127.83.0.3"), 0));
        string taken = other.LocalEndPoint!.ToString()!;
        folder.Write("server.conf", $"[global]\nstate-directory={folder.Path}\ntransports=sip:{taken};transport=udp sip:203.0.113.77;transport=tcp\n");
        await using var program = new RunningProgram(
            Path.Combine(ServerProcess.Checkout, "artifacts", "server", "sip-b2bua"), ["-c", folder.File("server.conf")], folder.Path);

        await program.EndedAsync();

        Assert.Equal(1, program.ExitCode);
        Assert.Contains($"server.conf:3: [global] transports = sip:{taken};transport=udp ", program.Output.Text, StringComparison.Ordinal);
        Assert.Contains($": UDP {taken}: the port is taken: another program listens there", program.Output.Text, StringComparison.Ordinal);
        Assert.Contains(": TCP 203.0.113.77:5060: this machine has no such address", program.Output.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("xception", program.Output.Text, StringComparison.Ordinal);
    }
}
