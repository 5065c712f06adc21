using Sip.Dialogs;
using Sip.Messages;
using Sip.Tests.Transactions;

namespace Sip.Tests.Dialogs;

public sealed class SessionTimerTests : IDisposable
{
    private readonly Fixture sip = new();

    public void Dispose() => sip.Dispose();

    [Theory]
    [InlineData("Supported: timer\nSession-Expires: 1800;refresher=uac\n", 1800, SessionRefresher.Peer)]
    [InlineData("Supported: timer\nSession-Expires: 1800;refresher=uas\n", 1800, SessionRefresher.Us)]
    [InlineData("Supported: timer\nSession-Expires: 1800\n", 1800, SessionRefresher.Peer)]
    [InlineData("Session-Expires: 1800\n", 1800, SessionRefresher.Us)]
    [InlineData("Session-Expires: 30\n", 90, SessionRefresher.Us)]
    [InlineData("Supported: timer\n", 0, SessionRefresher.Nobody)]
    [InlineData("", 0, SessionRefresher.Nobody)]
    public void As_UAS_the_refresher_is_that_of_table_2(string headers, int interval, SessionRefresher refresher)
    {
        SessionTimer timer = new(wanted: 0);
        Assert.True(timer.AcceptRequest(sip.Request(extra: headers)));
        Assert.Equal(interval, timer.Interval);
        Assert.Equal(refresher, timer.Refresher);
    }

    [Fact]
    public void A_request_with_too_small_an_interval_is_refused_only_if_its_sender_knows_timers()
    {
        SessionTimer timer = new(wanted: 0, minimum: 120);
        Assert.False(timer.AcceptRequest(sip.Request(extra: "Supported: 100rel, timer\nSession-Expires: 119\n")));
        Assert.True(timer.AcceptRequest(sip.Request(extra: "Session-Expires: 119\n")));
        Assert.Equal(120, timer.Interval);
    }

    [Theory]
    [InlineData("", 600)]
    [InlineData("Min-SE: 900\n", 900)]
    public void An_interval_is_reduced_to_ours_but_never_below_the_requests_Min_SE(string minimum, int expected)
    {
        SessionTimer timer = new(wanted: 600);
        Assert.True(timer.AcceptRequest(sip.Request(extra: "Supported: timer\nSession-Expires: 1800\n" + minimum)));
        Assert.Equal(expected, timer.Interval);
    }

    [Theory]
    [InlineData("Session-Expires: 600;refresher=uac\n", 600, SessionRefresher.Us, 300_000)]
    [InlineData("Session-Expires: 600;refresher=uas\n", 600, SessionRefresher.Peer, 568_000)]
    [InlineData("Session-Expires: 90;refresher=uas\n", 90, SessionRefresher.Peer, 60_000)]
    [InlineData("", 1800, SessionRefresher.Us, 900_000)]
    public void As_UAC_the_2xx_says_who_refreshes_and_when(string headers, int interval, SessionRefresher refresher, int due)
    {
        SessionTimer timer = new(wanted: 1800);
        sip.SendRequest();
        timer.AcceptResponse(sip.Response(sip.Udp.Messages[0], 200, extra: headers));
        Assert.Equal(interval, timer.Interval);
        Assert.Equal(refresher, timer.Refresher);
        Assert.Equal(due, timer.MillisecondsToAct);
        Assert.Equal(headers.Length > 0, timer.IsShared);
    }

    [Fact]
    public void After_a_422_the_next_request_has_the_larger_interval_and_Min_SE()
    {
        SessionTimer timer = new(wanted: 100);
        sip.SendRequest();
        Assert.True(timer.AcceptTooSmall(sip.Response(sip.Udp.Messages[0], 422, extra: "Min-SE: 3600\n")));
        Assert.Equal(["3600"], Request(timer).Headers("Session-Expires"));
        Assert.Equal("3600", Request(timer).Header("Min-SE"));
        Assert.False(timer.AcceptTooSmall(sip.Response(sip.Udp.Messages[0], 422, extra: "Min-SE: 3600\n")));
    }

    [Fact]
    public void A_refresh_keeps_the_refresher()
    {
        SessionTimer timer = new(wanted: 1800);
        Assert.Equal("1800", Request(timer).Header("Session-Expires"));
        timer.AcceptRequest(sip.Request(extra: "Supported: timer\nSession-Expires: 1800;refresher=uac\n"));
        Assert.Equal("1800;refresher=uas", Request(timer).Header("Session-Expires"));
    }

    private Sent Request(SessionTimer timer)
    {
        SipWriter writer = new(sip.Loop.Buffers);
        writer.RequestLine("UPDATE"u8, "sip:x"u8);
        timer.WriteRequest(ref writer);
        writer.NoBody();
        return new Sent(System.Text.Encoding.UTF8.GetString(writer.Finish().Span), default, 0);
    }
}
