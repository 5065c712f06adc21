using Sip.B2bua.RealTests.Phones;
using Xunit;
using Xunit.Abstractions;

namespace Sip.B2bua.RealTests;

/// <summary>Calls that are answered: ringing is seen, each hears the other, and both see the end.</summary>
public sealed class CallTests(ITestOutputHelper output)
{
    [Fact]
    public Task Baresip_calls_baresip_from_udp_to_tcp_and_hangs_up() =>
        CallAsync((PhoneKind.Baresip, PhoneTransport.Udp), (PhoneKind.Baresip, PhoneTransport.Tcp), callerHangsUp: true);

    [Fact]
    public Task Baresip_calls_baresip_from_tcp_to_udp_and_is_hung_up_on() =>
        CallAsync((PhoneKind.Baresip, PhoneTransport.Tcp), (PhoneKind.Baresip, PhoneTransport.Udp), callerHangsUp: false);

    [Fact]
    public Task Linphone_calls_baresip_from_udp_to_tcp_and_is_hung_up_on() =>
        CallAsync((PhoneKind.Linphone, PhoneTransport.Udp), (PhoneKind.Baresip, PhoneTransport.Tcp), callerHangsUp: false);

    [Fact]
    public Task Linphone_calls_baresip_from_tcp_to_udp_and_hangs_up() =>
        CallAsync((PhoneKind.Linphone, PhoneTransport.Tcp), (PhoneKind.Baresip, PhoneTransport.Udp), callerHangsUp: true);

    [Fact]
    public Task Baresip_calls_linphone_from_udp_to_tcp_and_hangs_up() =>
        CallAsync((PhoneKind.Baresip, PhoneTransport.Udp), (PhoneKind.Linphone, PhoneTransport.Tcp), callerHangsUp: true);

    [Fact]
    public Task Baresip_calls_linphone_from_tcp_to_udp_and_is_hung_up_on() =>
        CallAsync((PhoneKind.Baresip, PhoneTransport.Tcp), (PhoneKind.Linphone, PhoneTransport.Udp), callerHangsUp: false);

    [Fact]
    public Task Linphone_calls_linphone_from_udp_to_tcp_and_hangs_up() =>
        CallAsync((PhoneKind.Linphone, PhoneTransport.Udp), (PhoneKind.Linphone, PhoneTransport.Tcp), callerHangsUp: true);

    private async Task CallAsync((PhoneKind Kind, PhoneTransport Transport) from, (PhoneKind Kind, PhoneTransport Transport) to, bool callerHangsUp)
    {
        await using var site = await TestSite.StartAsync(output);
        Phone alice = await site.AddAsync(from.Kind, Account.Alice, from.Transport);
        Phone bob = await site.AddAsync(to.Kind, Account.Bob, to.Transport);

        await alice.TalkAsync(bob, Account.Bob.Uri);
        await (callerHangsUp ? alice : bob).HangUpAsync();
        await alice.EndedAsync();
        await bob.EndedAsync();

        await site.FinishedCallsAsync(1);
        await site.StopServerAsync();
    }
}
