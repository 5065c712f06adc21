using Sip.Messages;
using Sip.Transactions;
using Sip.Transports;

namespace Sip.Tests.Transactions;

public sealed class ResponseWriterTests : IDisposable
{
    private readonly Fixture sip = new();

    public void Dispose() => sip.Dispose();

    [Fact]
    public void Vias_From_Call_ID_and_CSeq_equal_the_requests_in_order()
    {
        SipMessage request = sip.Request(extra: "Via: SIP/2.0/TCP p1;branch=z9hG4bKp1, SIP/2.0/UDP p2;branch=z9hG4bKp2\nVia: SIP/2.0/UDP p3\n");
        Sent response = Write(request, 200);
        Assert.Equal(
            [
                "SIP/2.0/UDP 203.0.113.9:5060;branch=z9hG4bKaaa;rport=40000;received=203.0.113.9",
                "SIP/2.0/TCP p1;branch=z9hG4bKp1",
                "SIP/2.0/UDP p2;branch=z9hG4bKp2",
                "SIP/2.0/UDP p3",
            ],
            response.Headers("Via"));
        Assert.Equal("Alice <sip:alice@example.com>;tag=a1", response.Header("From"));
        Assert.Equal("c1", response.Header("Call-ID"));
        Assert.Equal("1 INVITE", response.Header("CSeq"));
    }

    [Theory]
    [InlineData("203.0.113.9:5060", "", "SIP/2.0/UDP 203.0.113.9:5060;branch=z9hG4bKaaa")]
    [InlineData("192.168.1.5", "", "SIP/2.0/UDP 192.168.1.5;branch=z9hG4bKaaa;received=203.0.113.9")]
    [InlineData("phone.example:5070", "", "SIP/2.0/UDP phone.example:5070;branch=z9hG4bKaaa;received=203.0.113.9")]
    [InlineData("203.0.113.9", ";rport", "SIP/2.0/UDP 203.0.113.9;branch=z9hG4bKaaa;rport=40000;received=203.0.113.9")]
    [InlineData("203.0.113.9", ";rport=9", "SIP/2.0/UDP 203.0.113.9;branch=z9hG4bKaaa;rport=40000;received=203.0.113.9")]
    [InlineData("203.0.113.9", ";received=198.51.100.1;ttl=1", "SIP/2.0/UDP 203.0.113.9;branch=z9hG4bKaaa;ttl=1")]
    public void Received_and_rport_say_where_the_request_came_from_and_never_what_it_claims(string sentBy, string via, string expected) =>
        Assert.Equal(expected, Write(sip.Request(sentBy: sentBy, via: via), 200).Header("Via"));

    [Fact]
    public void An_IPv6_source_is_written_without_brackets()
    {
        Flow flow = new(sip.Udp, default, Fixture.Address("[2001:db8::9]:5060"));
        Assert.EndsWith(";rport=5060;received=2001:db8::9", Write(sip.Request(), 200, flow: flow).Header("Via"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_To_without_tag_gets_one_except_in_a_100()
    {
        Assert.Equal("<sip:bob@example.com>", Write(sip.Request(), 100).Header("To"));
        Assert.Equal("<sip:bob@example.com>;tag=t1", Write(sip.Request(), 180).Header("To"));
        Assert.Equal("<sip:bob@example.com>;tag=theirs", Write(sip.Request(toTag: "theirs"), 200).Header("To"));
    }

    [Theory]
    [InlineData("INVITE", 100, "", false)]
    [InlineData("INVITE", 180, "", true)]
    [InlineData("INVITE", 200, "", true)]
    [InlineData("INVITE", 486, "", false)]
    [InlineData("INVITE", 200, "x", false)]
    [InlineData("SUBSCRIBE", 200, "", true)]
    [InlineData("OPTIONS", 200, "", false)]
    public void Record_Route_is_copied_where_the_response_makes_a_dialog(string method, int code, string toTag, bool copied)
    {
        SipMessage request = sip.Request(method, toTag: toTag, extra: "Record-Route: <sip:p1;lr;x=\"a,b\">, <sip:p2;lr>\nRecord-Route: <sip:p3;lr>\n");
        string[] expected = ["<sip:p1;lr;x=\"a,b\">, <sip:p2;lr>", "<sip:p3;lr>"];
        Assert.Equal(copied ? expected : [], Write(request, code).Headers("Record-Route"));
    }

    [Fact]
    public void A_Timestamp_is_copied_into_the_100_only()
    {
        Assert.Equal("54.21", Write(sip.Request(extra: "Timestamp: 54.21\n"), 100).Header("Timestamp"));
        Assert.Null(Write(sip.Request(extra: "Timestamp: 54.21\n"), 200).Header("Timestamp"));
    }

    [Fact]
    public void A_folded_header_is_written_on_one_line()
    {
        SipMessage request = sip.Parse("OPTIONS sip:x SIP/2.0\nVia: SIP/2.0/UDP\n 203.0.113.9:5060\n ;branch=z9hG4bK1\nFrom: A\n <sip:a@x>;tag=1\nTo: <sip:b@x>\nCall-ID: 1\nCSeq: 1\n OPTIONS\nMax-Forwards: 70\nContent-Length: 0\n\n");
        Sent response = Write(request, 200);
        Assert.Equal("SIP/2.0/UDP 203.0.113.9:5060;branch=z9hG4bK1", response.Header("Via"));
        Assert.Equal("A <sip:a@x>;tag=1", response.Header("From"));
        Assert.Equal("1 OPTIONS", response.Header("CSeq"));
    }

    [Theory]
    [InlineData(";rport", "203.0.113.9:40000")]
    [InlineData("", "203.0.113.9:5060")]
    [InlineData(";maddr=198.51.100.5", "203.0.113.9:5060")]
    public void Over_UDP_the_response_goes_to_the_source_address_and_to_the_source_port_only_with_rport(string via, string expected)
    {
        sip.Accept(sip.Request("OPTIONS", sentBy: "192.168.1.5", via: via)).Respond(200);
        Assert.Equal(Fixture.Address(expected), sip.Udp.Messages[0].Flow.Remote);
        Assert.Equal(sip.UdpFlow.Local, sip.Udp.Messages[0].Flow.Local);
    }

    [Fact]
    public void Without_rport_the_response_goes_to_the_port_of_the_sent_by()
    {
        sip.Accept(sip.Request("OPTIONS", sentBy: "phone.example:5070", via: "")).Respond(200);
        Assert.Equal(Fixture.Address("203.0.113.9:5070"), sip.Udp.Messages[0].Flow.Remote);
    }

    [Fact]
    public void Over_a_stream_the_response_goes_by_the_same_connection_and_by_a_new_one_to_the_sent_by_when_that_is_closed()
    {
        TransportSet set = new(sip.Loop, sip);
        RecordingStreamTransport tcp = new(sip.Tcp.Point, set);
        set.Add(tcp);
        TransactionTable table = new(sip.Loop, set, sip.MessagePool);
        RecordingConnection accepted = tcp.Accept(Fixture.Address("203.0.113.9:40001"));
        SipMessage request = sip.Request(sentBy: "phone.example:5070", via: "");
        ServerTransaction transaction = table.CreateServer(request, accepted.Flow, sip);
        transaction.Respond(180);
        Assert.StartsWith("SIP/2.0 180", accepted.Written.ToString(), StringComparison.Ordinal);

        accepted.Close(CloseReason.ClosedByPeer);
        transaction.Respond(200);
        RecordingConnection opened = Assert.Single(tcp.Opened);
        Assert.Equal(Fixture.Address("203.0.113.9:5070"), opened.Remote);
        Assert.StartsWith("SIP/2.0 200", opened.Written.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_stateless_answer_has_the_same_tag_for_a_retransmission_and_another_for_another_request()
    {
        string first = Stateless(sip.Request());
        Assert.Equal(first, Stateless(sip.Request()));
        Assert.NotEqual(first, Stateless(sip.Request(callId: "c2")));
        Assert.NotEqual(first, Stateless(sip.Request(cseq: 2)));
        Assert.NotEqual(first, Stateless(sip.Request(branch: "z9hG4bKbbb")));
        Assert.Equal(0, sip.Table.Count);
        Assert.False(LoopIds.TryGetLoop(System.Text.Encoding.ASCII.GetBytes(first), out _));
    }

    [Fact]
    public void A_stateless_answer_leaves_no_state_and_its_ACK_matches_nothing()
    {
        string tag = Stateless(sip.Request());
        Assert.Equal(RequestMatch.Ack2xx, sip.Match(sip.Request("ACK", toTag: tag)));
        Assert.Equal(RequestMatch.New, sip.Match(sip.Request()));
        Assert.Equal(0, sip.Loop.Timers.Count);
    }

    [Fact]
    public void An_ACK_is_never_answered()
    {
        sip.Table.Stateless.Respond(sip.Request("ACK"), sip.UdpFlow, 400);
        Assert.Empty(sip.Udp.Messages);
    }

    private string Stateless(SipMessage request)
    {
        sip.Table.Stateless.Respond(request, sip.UdpFlow, 401);
        request.Release();
        return sip.Udp.Messages[^1].Header("To")!.Split(";tag=")[1];
    }

    private Sent Write(SipMessage request, int code, Flow? flow = null)
    {
        SipWriter writer = new(sip.Loop.Buffers);
        ResponseWriter.Begin(ref writer, request, flow ?? sip.UdpFlow, code, default, "t1"u8);
        writer.NoBody();
        SipBuffer buffer = writer.Finish();
        Sent sent = new(System.Text.Encoding.UTF8.GetString(buffer.Span), sip.UdpFlow, 0);
        buffer.Release();
        request.Release();
        return sent;
    }
}
