using Sip.B2bua.RealTests.Phones;
using Sip.B2bua.RealTests.Programs;
using Sip.Tests.Transports;
using Xunit;
using Xunit.Abstractions;

namespace Sip.B2bua.RealTests;

/// <summary>
/// Phones that register and call over TLS, and check the server's certificate against the authority of the test. sipp is missing here:
/// the distribution's is built without TLS, as <c>sipp -v</c> says.
/// </summary>
public sealed class TlsCallTests(ITestOutputHelper output) : IDisposable
{
    private readonly TestAuthority authority = new();

    public void Dispose() => authority.Dispose();

    [Fact]
    public Task Baresip_over_TLS_calls_baresip_over_UDP() =>
        CallAsync((PhoneKind.Baresip, PhoneTransport.Tls), (PhoneKind.Baresip, PhoneTransport.Udp));

    [Fact]
    public Task Baresip_over_UDP_calls_baresip_over_TLS() =>
        CallAsync((PhoneKind.Baresip, PhoneTransport.Udp), (PhoneKind.Baresip, PhoneTransport.Tls));

    [Fact]
    public Task Linphone_over_TLS_calls_baresip_over_UDP() =>
        CallAsync((PhoneKind.Linphone, PhoneTransport.Tls), (PhoneKind.Baresip, PhoneTransport.Udp));

    [Fact]
    public Task Baresip_over_TLS_calls_linphone_over_TLS() =>
        CallAsync((PhoneKind.Baresip, PhoneTransport.Tls), (PhoneKind.Linphone, PhoneTransport.Tls));

    private async Task CallAsync((PhoneKind Kind, PhoneTransport Transport) from, (PhoneKind Kind, PhoneTransport Transport) to)
    {
        await using var site = await TestSite.StartAsync(output, new ServerSettings { Authority = authority });
        Phone alice = await site.AddAsync(from.Kind, Account.Alice, from.Transport);
        Phone bob = await site.AddAsync(to.Kind, Account.Bob, to.Transport);

        await alice.TalkAsync(bob, Account.Bob.Uri);
        await alice.HangUpAsync();
        await alice.EndedAsync();
        await bob.EndedAsync();

        await site.FinishedCallsAsync(1);
        await site.StopServerAsync();
    }
}
