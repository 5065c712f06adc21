using Sip.Messages;
using Sip.Transactions;

namespace Sip.Tests.Transactions;

public sealed class NonInviteClientTransactionTests : IDisposable
{
    private readonly Fixture sip = new();

    public void Dispose() => sip.Dispose();

    [Fact]
    public void Timer_E_doubles_up_to_T2_until_timer_F_fires_at_64_T1()
    {
        sip.SendRequest(SipMethod.Options);
        sip.Move(40_000);
        Assert.Equal([0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500], sip.Udp.Messages.Select(m => m.At));
        Assert.Equal(["failed Timeout", "terminated"], sip.Told);
    }

    [Fact]
    public void After_a_provisional_response_timer_E_is_always_T2_and_timer_F_goes_on()
    {
        sip.SendRequest(SipMethod.Options);
        sip.Receive(sip.Response(sip.Udp.Messages[0], 100));
        sip.Receive(sip.Response(sip.Udp.Messages[0], 181));
        sip.Move(40_000);
        Assert.Equal([0, 500, 4500, 8500, 12500, 16500, 20500, 24500, 28500], sip.Udp.Messages.Select(m => m.At));
        Assert.Equal(["100", "181", "failed Timeout", "terminated"], sip.Told);
    }

    [Fact]
    public void Over_a_reliable_transport_there_is_no_timer_E()
    {
        sip.SendRequest(SipMethod.Bye, reliable: true);
        sip.Move(32_000);
        Assert.Single(sip.Tcp.Messages);
        Assert.Equal(["failed Timeout", "terminated"], sip.Told);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(401)]
    [InlineData(603)]
    public void A_final_response_goes_up_once_and_timer_K_of_T4_swallows_the_rest(int code)
    {
        sip.SendRequest(SipMethod.Register);
        sip.Receive(sip.Response(sip.Udp.Messages[0], code));
        Assert.True(sip.Receive(sip.Response(sip.Udp.Messages[0], code)));
        sip.Move(4999);
        Assert.True(sip.Receive(sip.Response(sip.Udp.Messages[0], 200, toTag: "b2")));
        sip.Move(1);
        Assert.Equal([$"{code}", "terminated"], sip.Told);
        Assert.Single(sip.Udp.Messages);
        Assert.False(sip.Receive(sip.Response(sip.Udp.Messages[0], code)));
    }

    [Fact]
    public void Timer_K_is_zero_over_a_reliable_transport()
    {
        sip.SendRequest(SipMethod.Bye, reliable: true);
        sip.Receive(sip.Response(sip.Tcp.Messages[0], 200), reliable: true);
        Assert.Equal(["200"], sip.Told);
        sip.Turn();
        Assert.Equal(["200", "terminated"], sip.Told);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_transport_error_in_Trying_or_Proceeding_is_told_at_once(bool proceeding)
    {
        sip.SendRequest(SipMethod.Bye);
        if (proceeding)
        {
            sip.Receive(sip.Response(sip.Udp.Messages[0], 100));
        }

        sip.Table.FlowFailed(sip.UdpFlow);
        Assert.Equal(["failed Transport", "terminated"], sip.Told.Skip(proceeding ? 1 : 0));
        Assert.Equal(0, sip.Loop.Timers.Count);
    }

    [Fact]
    public void A_transport_error_in_Completed_changes_nothing()
    {
        sip.SendRequest(SipMethod.Bye);
        sip.Receive(sip.Response(sip.Udp.Messages[0], 200));
        sip.Table.FlowFailed(sip.UdpFlow);
        Assert.Equal(["200"], sip.Told);
    }

    [Fact]
    public void A_request_other_than_INVITE_is_never_cancelled()
    {
        ClientTransaction transaction = sip.SendRequest(SipMethod.Message);
        sip.Receive(sip.Response(sip.Udp.Messages[0], 100));
        transaction.Cancel();
        Assert.Single(sip.Udp.Messages);
    }

    [Fact]
    public void The_Via_is_ours_with_a_valueless_rport_over_UDP()
    {
        ClientTransaction transaction = sip.SendRequest(SipMethod.Options);
        string branch = System.Text.Encoding.ASCII.GetString(transaction.Branch);
        Assert.Equal($"SIP/2.0/UDP 192.0.2.1:5060;branch={branch};rport", sip.Udp.Messages[0].Header("Via"));
    }

    [Fact]
    public void The_Via_names_the_stream_transport_and_has_no_rport()
    {
        ClientTransaction transaction = sip.SendRequest(SipMethod.Options, reliable: true);
        string branch = System.Text.Encoding.ASCII.GetString(transaction.Branch);
        Assert.Equal($"SIP/2.0/TCP 192.0.2.1:5060;branch={branch}", sip.Tcp.Messages[0].Header("Via"));
    }
}
