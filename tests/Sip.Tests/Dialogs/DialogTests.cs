using Sip.Dialogs;
using Sip.Messages;
using Sip.Tests.Transactions;
using Sip.Transactions;
using Sip.Transports;

namespace Sip.Tests.Dialogs;

public sealed class DialogTests : IDisposable, IDialogUser
{
    private readonly Fixture sip = new();

    public void Dispose() => sip.Dispose();

    [Fact]
    public void A_UAS_takes_its_dialog_from_the_request()
    {
        Dialog dialog = AsUas("Record-Route: <sip:p2;lr>, <sip:p1;lr;x=y>\nRecord-Route: <sip:p0;lr>\nContact: \"A, B\" <sip:alice@192.168.1.5:5070;ob?h=1>;q=1\n");
        Assert.Equal("c1", Text(dialog.CallId));
        Assert.Equal("a1", Text(dialog.RemoteTag));
        Assert.Equal("<sip:bob@example.com>", Text(dialog.LocalAddress));
        Assert.Equal("Alice <sip:alice@example.com>", Text(dialog.RemoteAddress));
        Assert.Equal("<sip:p2;lr>, <sip:p1;lr;x=y>, <sip:p0;lr>", Text(dialog.RouteSet));
        Assert.Equal("sip:alice@192.168.1.5:5070;ob", Text(dialog.RemoteTarget));
        Assert.Equal(1u, dialog.RemoteCSeq);
        Assert.Equal(0u, dialog.LocalCSeq);
        Assert.Equal(DialogState.Early, dialog.State);
        dialog.Confirm();
        Assert.Equal(DialogState.Confirmed, dialog.State);
    }

    [Fact]
    public void A_UAC_takes_its_dialog_from_the_response_with_the_route_set_reversed()
    {
        Dialog dialog = AsUac(180, "Record-Route: <sip:p2;lr>, <sip:p1;lr>\nRecord-Route: <sip:p0;lr>\nContact: <sip:bob@198.51.100.3>\n");
        Assert.Equal("call-1", Text(dialog.CallId));
        Assert.Equal("b1", Text(dialog.RemoteTag));
        Assert.Equal("<sip:alice@example.com>", Text(dialog.LocalAddress));
        Assert.Equal("<sip:bob@example.com>", Text(dialog.RemoteAddress));
        Assert.Equal("<sip:p0;lr>, <sip:p1;lr>, <sip:p2;lr>", Text(dialog.RouteSet));
        Assert.Equal("sip:bob@198.51.100.3", Text(dialog.RemoteTarget));
        Assert.Equal(7u, dialog.LocalCSeq);
        Assert.Equal(DialogState.Early, dialog.State);
    }

    [Fact]
    public void A_2xx_confirms_an_early_dialog_and_computes_its_route_set_anew()
    {
        Dialog dialog = AsUac(180, "Record-Route: <sip:p2;lr>, <sip:p1;lr>\nContact: <sip:bob@198.51.100.3>\n");
        SipMessage ok = sip.Response(sip.Udp.Messages[0], 200, extra: "Record-Route: <sip:p9;lr>\nContact: <sip:bob@198.51.100.4>\n");
        dialog.Confirm(ok);
        Assert.Equal(DialogState.Confirmed, dialog.State);
        Assert.Equal("<sip:p9;lr>", Text(dialog.RouteSet));
        Assert.Equal("sip:bob@198.51.100.4", Text(dialog.RemoteTarget));
        Assert.Equal("b1", Text(dialog.RemoteTag));
    }

    [Fact]
    public void Without_a_route_set_the_request_goes_to_the_remote_target()
    {
        Sent request = NextRequest(AsUas("Contact: <sip:alice@192.168.1.5>\n"), SipMethod.Bye);
        Assert.Equal("BYE sip:alice@192.168.1.5 SIP/2.0", request.StartLine);
        Assert.Null(request.Header("Route"));
        Assert.Equal("70", request.Header("Max-Forwards"));
        Assert.Equal("Alice <sip:alice@example.com>;tag=a1", request.Header("To"));
        Assert.StartsWith("<sip:bob@example.com>;tag=03", request.Header("From"), StringComparison.Ordinal);
        Assert.Equal("c1", request.Header("Call-ID"));
        Assert.Equal("1 BYE", request.Header("CSeq"));
        Assert.Null(request.Header("Contact"));
    }

    [Fact]
    public void With_a_loose_router_first_the_route_set_is_copied_and_the_target_stays_the_Request_URI()
    {
        Sent request = NextRequest(AsUas("Record-Route: <sip:p1;lr>, <sip:p2>\nContact: <sip:alice@192.168.1.5>\n"), SipMethod.Invite);
        Assert.Equal("INVITE sip:alice@192.168.1.5 SIP/2.0", request.StartLine);
        Assert.Equal("<sip:p1;lr>, <sip:p2>", request.Header("Route"));
        Assert.Equal("<sip:us@192.0.2.1>", request.Header("Contact"));
    }

    [Fact]
    public void With_a_strict_router_first_its_URI_is_the_Request_URI_and_the_target_comes_last()
    {
        // The example of 12.2.1.1.
        Dialog dialog = AsUas("Record-Route: <sip:proxy1>,<sip:proxy2>,<sip:proxy3;lr>,<sip:proxy4>\nContact: <sip:user@remoteua>\n");
        Sent request = NextRequest(dialog, SipMethod.Info);
        Assert.Equal("INFO sip:proxy1 SIP/2.0", request.StartLine);
        Assert.Equal("<sip:proxy2>, <sip:proxy3;lr>, <sip:proxy4>, <sip:user@remoteua>", request.Header("Route"));
        Assert.Equal("sip:proxy1", Text(dialog.NextHop));
    }

    [Fact]
    public void The_sequence_number_goes_up_by_one_with_each_request()
    {
        Dialog dialog = AsUac(200, "Contact: <sip:bob@198.51.100.3>\n");
        Assert.Equal("8 INFO", NextRequest(dialog, SipMethod.Info).Header("CSeq"));
        Assert.Equal("9 BYE", NextRequest(dialog, SipMethod.Bye).Header("CSeq"));
    }

    [Fact]
    public void The_ACK_has_the_number_of_the_INVITE_a_branch_of_its_own_and_changes_nothing()
    {
        Dialog dialog = AsUac(200, "Record-Route: <sip:p1;lr>\nContact: <sip:bob@198.51.100.3>\n");
        SipWriter writer = new(sip.Loop.Buffers);
        dialog.WriteAck(ref writer, sip.Table, dialog.Flow, 7);
        writer.NoBody();
        Sent ack = new(Text(writer.Finish().Span), default, 0);
        Assert.Equal("ACK sip:bob@198.51.100.3 SIP/2.0", ack.StartLine);
        Assert.Equal("7 ACK", ack.Header("CSeq"));
        Assert.Equal("<sip:p1;lr>", ack.Header("Route"));
        Assert.Equal("<sip:bob@example.com>;tag=b1", ack.Header("To"));
        Assert.NotEqual(sip.Udp.Messages[0].Header("Via"), ack.Header("Via"));
        Assert.Equal(7u, dialog.LocalCSeq);
    }

    [Fact]
    public void A_lower_CSeq_is_out_of_order_and_a_gap_is_none()
    {
        Dialog dialog = AsUas("");
        Assert.Equal(CSeqVerdict.InOrder, dialog.AcceptRequest(sip.Request("INFO", cseq: 5)));
        Assert.Equal(CSeqVerdict.OutOfOrder, dialog.AcceptRequest(sip.Request("INFO", cseq: 4)));
        Assert.Equal(5u, dialog.RemoteCSeq);
        Assert.Equal(CSeqVerdict.InOrder, dialog.AcceptRequest(sip.Request("BYE", cseq: 4294967295)));
    }

    [Fact]
    public void ACK_and_CANCEL_are_excepted_from_the_CSeq_rule()
    {
        Dialog dialog = AsUas("");
        dialog.AcceptRequest(sip.Request("INFO", cseq: 5));
        Assert.Equal(CSeqVerdict.InOrder, dialog.AcceptRequest(sip.Request("ACK", cseq: 1)));
        Assert.Equal(5u, dialog.RemoteCSeq);
    }

    [Fact]
    public void The_first_request_of_the_peer_sets_an_empty_remote_number_whatever_it_is()
    {
        Dialog dialog = AsUac(200, "Contact: <sip:bob@198.51.100.3>\n");
        Assert.Equal(CSeqVerdict.InOrder, dialog.AcceptRequest(sip.Request("BYE", cseq: 0)));
        Assert.Equal(CSeqVerdict.InOrder, dialog.AcceptRequest(sip.Request("BYE", cseq: 1)));
        Assert.Equal(CSeqVerdict.OutOfOrder, dialog.AcceptRequest(sip.Request("BYE", cseq: 0)));
    }

    [Theory]
    [InlineData("INVITE", true)]
    [InlineData("UPDATE", true)]
    [InlineData("INFO", false)]
    [InlineData("BYE", false)]
    public void Only_a_target_refresh_request_changes_the_target_and_never_the_route_set(string method, bool changes)
    {
        Dialog dialog = AsUas("Record-Route: <sip:p1;lr>\nContact: <sip:alice@192.168.1.5>\n");
        dialog.UpdateTarget(sip.Request(method, cseq: 2, extra: "Record-Route: <sip:p9;lr>\nContact: <sip:alice@192.168.1.6>\n"));
        Assert.Equal(changes ? "sip:alice@192.168.1.6" : "sip:alice@192.168.1.5", Text(dialog.RemoteTarget));
        Assert.Equal("<sip:p1;lr>", Text(dialog.RouteSet));
        Assert.Equal("a1", Text(dialog.RemoteTag));
    }

    [Fact]
    public void A_peer_without_Contact_is_reached_at_its_address() =>
        Assert.Equal("sip:alice@example.com", Text(AsUas("").RemoteTarget));

    [Fact]
    public void A_peer_without_a_tag_has_the_tag_null_which_is_left_out()
    {
        SipMessage request = sip.Parse("INVITE sip:bob@x SIP/2.0\nVia: SIP/2.0/UDP 203.0.113.9\nFrom: sip:alice@x\nTo: sip:bob@x\nCall-ID: 1\nCSeq: 1 INVITE\nContent-Length: 0\n\n");
        Dialog dialog = Dialog.FromRequest(request, sip.UdpFlow, Tag(), "<sip:us@192.0.2.1>"u8, this);
        Assert.Equal("sip:alice@x", NextRequest(dialog, SipMethod.Bye).Header("To"));
    }

    [Fact]
    public void The_ACK_of_RFC_3665_3_2_is_the_one_that_the_calling_side_writes()
    {
        Dialog dialog = Dialog.FromResponse(Flow("034-3.2-F14-200-OK"), sip.UdpFlow, default, isSecure: false, this);
        SipWriter writer = new(sip.Loop.Buffers);
        dialog.WriteAck(ref writer, sip.Table, dialog.Flow, 2);
        writer.NoBody();
        AssertSame(Flow("035-3.2-F15-ACK"), new Sent(Text(writer.Finish().Span), default, 0), ";transport=tcp");
    }

    [Fact]
    public void The_BYE_of_RFC_3665_3_2_is_the_one_that_the_called_side_writes()
    {
        Dialog dialog = Dialog.FromRequest(Flow("027-3.2-F7-INVITE"), sip.UdpFlow, "314159"u8, default, this);
        AssertSame(Flow("038-3.2-F18-BYE"), NextRequest(dialog, SipMethod.Bye), ";transport=tcp");
    }

    [Fact]
    public void The_texts_of_a_dialog_take_little_memory()
    {
        Dialog dialog = AsUas("Record-Route: <sip:p1.example.com;lr>, <sip:p2.example.com;lr>\nContact: <sip:alice@192.168.1.5:5060;transport=tcp>\n");
        Assert.InRange(dialog.TextLength, 1, 512);
    }

    void IDialogUser.OnRequest(Dialog dialog, ServerTransaction transaction) => throw new NotSupportedException();

    void IDialogUser.OnAck(Dialog dialog, SipMessage ack, in Flow flow) => throw new NotSupportedException();

    // The RFC's text drops the Contact's transport parameter from the Request-URI; 12.2.1.1 keeps it.
    private static void AssertSame(SipMessage expected, Sent actual, string keptParameter)
    {
        Assert.Equal($"{Text(expected.MethodName)} {Text(expected.RequestUri)}{keptParameter} SIP/2.0", actual.StartLine);
        Assert.Equal(Text(expected.From), actual.Header("From"));
        Assert.Equal(Text(expected.To), actual.Header("To"));
        Assert.Equal(Text(expected.CallId), actual.Header("Call-ID"));
        Assert.Equal(Text(expected.First(HeaderId.CSeq)), actual.Header("CSeq"));
        List<string> routes = [];
        foreach (ReadOnlySpan<byte> route in expected.Values(HeaderId.Route))
        {
            routes.Add(Text(route));
        }

        Assert.Equal(string.Join(", ", routes), actual.Header("Route"));
    }

    private SipMessage Flow(string name) =>
        sip.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Data", "vectors", "flows", "rfc3665", name + ".sip")));

    private static string Text(ReadOnlySpan<byte> octets) => System.Text.Encoding.UTF8.GetString(octets);

    private byte[] Tag()
    {
        byte[] tag = new byte[LoopIds.TagLength];
        sip.Table.Ids.NewTag(tag);
        return tag;
    }

    private Dialog AsUas(string extra) =>
        Dialog.FromRequest(sip.Request(extra: extra), sip.UdpFlow, Tag(), "<sip:us@192.0.2.1>"u8, this);

    private Dialog AsUac(int code, string extra)
    {
        sip.SendRequest();
        SipMessage response = sip.Response(sip.Udp.Messages[0], code, extra: extra);
        return Dialog.FromResponse(response, sip.UdpFlow, "<sip:us@192.0.2.1>"u8, isSecure: false, this);
    }

    private Sent NextRequest(Dialog dialog, SipMethod method)
    {
        ClientTransaction transaction = sip.Table.CreateClient(method, dialog.Flow, sip);
        SipWriter writer = new(sip.Loop.Buffers);
        dialog.WriteRequest(ref writer, transaction, method);
        writer.NoBody();
        transaction.Send(writer.Finish());
        return sip.Udp.Messages[^1];
    }
}
