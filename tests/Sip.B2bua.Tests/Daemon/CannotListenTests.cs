using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Sip.B2bua.Configuration;
using Sip.B2bua.Daemon;
using Sip.B2bua.Daemon.Web;
using Sip.Messages;
using Sip.Transports;

namespace Sip.B2bua.Tests.Daemon;

/// <summary>Where the server cannot listen, the administrator learns which words of his file that concerns.</summary>
public sealed class CannotListenTests : ISipUser
{
    private const string Host = "127.83.0.2";

    [Fact]
    public async Task What_cannot_be_listened_on_is_told_as_a_mistake_of_the_file()
    {
        using Socket one = Listen();
        using Socket other = Listen();
        string transports = $"sip:{Host}:0 sip:{one.LocalEndPoint};transport=tcp sip:{other.LocalEndPoint};transport=ws sip:203.0.113.77;transport=ws";

        string[] told = await StartAsync($"[global]\nevent-loops=1\ntransports={transports}\n");

        string setting = $"server.conf:3: [global] transports = {transports}: ";
        Assert.Equal(3, told.Length);
        Assert.StartsWith($"{setting}sip:{one.LocalEndPoint};transport=tcp: TCP {one.LocalEndPoint}: the port is taken: ", told[0], StringComparison.Ordinal);
        Assert.StartsWith($"{setting}sip:{other.LocalEndPoint};transport=ws: WS {other.LocalEndPoint}: the port is taken: ", told[1], StringComparison.Ordinal);
        Assert.StartsWith($"{setting}sip:203.0.113.77;transport=ws: WS 203.0.113.77:5060: this machine has no such address", told[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_without_an_address_are_told_as_well()
    {
        using Socket other = Listen();
        string[] told = await StartAsync($"[global]\nevent-loops=1\ntransports=sip:a.invalid sip:{other.LocalEndPoint};transport=tcp sip:b.invalid\n");
        Assert.Equal(3, told.Length);
        Assert.Contains(": sip:a.invalid: no address is found for the name a.invalid", told[0], StringComparison.Ordinal);
        Assert.Contains(": sip:b.invalid: no address is found for the name b.invalid", told[1], StringComparison.Ordinal);
        Assert.Contains($": TCP {other.LocalEndPoint}: the port is taken: ", told[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_used_is_no_mistake_of_the_place()
    {
        string[] told = await StartAsync($"[global]\nevent-loops=1\ntransports=sip:{Host}:0\n", (_, _) => throw new TlsCredentialsException("old.pem: it has expired"));
        Assert.Equal([$"configuration: [global]: sip:{Host}:0: UDP {Host}:0: old.pem: it has expired", $"configuration: [global]: sip:{Host}:0: TCP {Host}:0: old.pem: it has expired"], told);
    }

    void ISipUser.OnRequest(SipLoop loop, SipMessage request, in Flow flow)
    {
    }

    private static Socket Listen()
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(IPEndPoint.Parse(Host + ":0"));
        socket.Listen();
        return socket;
    }

    // What is written to the terminal, line by line.
    private async Task<string[]> StartAsync(string file, ListeningPointOpener? opener = null)
    {
        var configuration = OptionsBinder.Bind([CatalogSections.Global()], FlexisipIni.FromText("server.conf", file));
        Assert.True(configuration.IsGood, string.Join("\n", configuration.Mistakes));
        await using var web = new WebSocketListeners(new WebSocketRules(), NullLogger.Instance);
        var error = new StringWriter();
        SipStackOptions options = StackSettings.From(configuration.Server, NullLogger.Instance, TimeProvider.System) with { OpenPoint = opener ?? web.Open };
        await using SipStack stack = new(options, this);
        var fault = Record.Exception(stack.Open);
        new Printing(new ConfigurationLoader(new StartOptions()), TextWriter.Null, error).TellWhyNot(configuration, Assert.IsType<ListeningException>(fault), NullLogger.Instance);
        return error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
