using System.Net;
using System.Net.Sockets;
using System.Text;
using Sip.Transports;

namespace Sip.Tests.Transports;

/// <summary>Name resolution against a name server that nobody here wrote, with real sockets.</summary>
public sealed class NameServerTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(30);
    private readonly EventLoop loop = new(0);
    private readonly TransportSet transports;
    private NameServer? server;

    public NameServerTests()
    {
        transports = new TransportSet(loop, new TestSink());
        foreach ((string token, int index) in new[] { ("UDP", 0), ("TCP", 1) })
        {
            TransportSet.Open([transports], new ListeningPoint { Index = index, Token = token, Bind = new IPEndPoint(IPAddress.Parse("127.53.0.2"), 0) });
        }
    }

    public async Task InitializeAsync()
    {
        server = await NameServer.StartAsync([
            "--naptr-record=full.test,10,20,s,SIP+D2T,,_sip._tcp.full.test",
            "--naptr-record=full.test,20,20,s,SIP+D2U,,_sip._udp.full.test",
            "--srv-host=_sip._udp.full.test,one.full.test,5070,10,0",
            "--srv-host=_sip._udp.full.test,two.full.test,5071,20,0",
            "--srv-host=_sip._tcp.full.test,one.full.test,5072,10,0",
            "--host-record=one.full.test,192.0.2.1,2001:db8::1",
            "--host-record=two.full.test,192.0.2.2",
            "--cname=alias.test,two.full.test",
            "--srv-host=_sip._udp.no.test",
            .. Enumerable.Range(0, 60).Select(i => $"--srv-host=_sip._udp.big.test,a-host-with-a-long-name-{i}.full.test,{6000 + i},{i},0"),
        ]);
        loop.Start();
    }

    public async Task DisposeAsync()
    {
        server?.Dispose();
        await loop.StopAsync();
        transports.Close();
    }

    public void Dispose() => loop.Dispose();

    [Fact]
    public async Task Every_type_is_answered()
    {
        Assert.Equal("192.0.2.1:0", (await Ask("one.full.test", DnsType.A)).Records.Single().Address.ToString());
        Assert.Equal("[2001:db8::1]:0", (await Ask("one.full.test", DnsType.Aaaa)).Records.Single().Address.ToString());
        Assert.Equal("192.0.2.2:0", (await Ask("alias.test", DnsType.A)).Records.Single().Address.ToString());
        Assert.Equal([5070, 5071], (await Ask("_sip._udp.full.test", DnsType.Srv)).Records.Select(r => r.Port).Order());
        Assert.Equal(["SIP+D2T", "SIP+D2U"], (await Ask("full.test", DnsType.Naptr)).Records.Select(r => r.Service).Order());
        Assert.Equal(DnsStatus.Nothing, (await Ask("nobody.test", DnsType.A)).Status);
        Assert.Equal(DnsStatus.Nothing, (await Ask("two.full.test", DnsType.Aaaa)).Status);
    }

    [Fact]
    public async Task An_answer_too_long_for_a_datagram_comes_by_TCP()
    {
        DnsAnswer answer = await Ask("_sip._udp.big.test", DnsType.Srv);
        Assert.Equal(DnsStatus.Found, answer.Status);
        Assert.Equal(Enumerable.Range(6000, 60), answer.Records.Select(r => r.Port).Order());
    }

    [Fact]
    public async Task A_dead_server_is_followed_by_the_next()
    {
        // Nobody listens there: the system says so at once. And one that listens and never answers.
        using Socket silent = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new IPEndPoint(IPAddress.Parse("127.53.0.3"), 0));
        DnsAnswer answer = await Ask("one.full.test", DnsType.A, new IPEndPoint(IPAddress.Parse("127.53.0.4"), 9), (IPEndPoint)silent.LocalEndPoint!);
        Assert.Equal(DnsStatus.Found, answer.Status);
    }

    [Fact]
    public async Task A_server_that_lies_from_elsewhere_is_not_heard()
    {
        // It answers from another port than the one that was asked; the second server tells the truth.
        using Socket asked = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        asked.Bind(new IPEndPoint(IPAddress.Parse("127.53.0.5"), 0));
        using Socket liar = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        liar.Bind(new IPEndPoint(IPAddress.Parse("127.53.0.5"), 0));
        Task<DnsAnswer> answer = Ask("one.full.test", DnsType.A, (IPEndPoint)asked.LocalEndPoint!);
        byte[] question = new byte[512];
        SocketReceiveFromResult from = await asked.ReceiveFromAsync(question, new IPEndPoint(IPAddress.Any, 0)).WaitAsync(Generous);
        byte[] lie = [.. question[..2], 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, .. question[12..31], 0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 203, 0, 113, 66];
        await liar.SendToAsync(lie, from.RemoteEndPoint);
        Assert.Equal("192.0.2.1:0", (await answer).Records.Single().Address.ToString());
    }

    [Theory]
    [InlineData("sip:full.test", "TCP 192.0.2.1:5072, UDP 192.0.2.1:5070, UDP 192.0.2.2:5071")]
    [InlineData("sip:full.test;transport=udp", "UDP 192.0.2.1:5070, UDP 192.0.2.2:5071")]
    [InlineData("sip:alias.test:5099", "UDP 192.0.2.2:5099")]
    [InlineData("sip:two.full.test", "UDP 192.0.2.2:5060")]
    [InlineData("sip:no.test", "")]
    [InlineData("sip:nobody.test", "")]
    public async Task A_URI_leads_to(string uri, string ways)
    {
        TargetResolver resolver = new(transports, Client(server!.Address));
        TargetPath path = await OnLoop(() => resolver.FindAsync(Encoding.ASCII.GetBytes(uri)));
        Assert.Equal(ways, string.Join(", ", path.Ways));
    }

    private Task<DnsAnswer> Ask(string name, DnsType type, params IPEndPoint[] before)
    {
        DnsClient client = Client([.. before, server!.Address]);
        return OnLoop(() => client.LookUpAsync(name, type));
    }

    private DnsClient Client(params IPEndPoint[] servers) => new(loop, new DnsOptions { Servers = servers, TimeoutMilliseconds = 500, HostsFile = "/dev/null" });

    private async Task<T> OnLoop<T>(Func<ValueTask<T>> what)
    {
        TaskCompletionSource<T> result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(
            async _ =>
            {
                try
                {
                    result.SetResult(await what());
                }
                catch (Exception e)
                {
                    result.SetException(e);
                }
            },
            null);
        return await result.Task.WaitAsync(Generous);
    }
}
