using Sip.Dialogs;
using Sip.Messages;
using Sip.Tests.Transactions;
using Sip.Transactions;
using Sip.Transports;

namespace Sip.Tests.Dialogs;

public sealed class DialogTableTests : IDisposable, IDialogUser
{
    private readonly Fixture sip = new();
    private readonly DialogTable table = new();

    public void Dispose() => sip.Dispose();

    [Fact]
    public void A_request_finds_its_dialog_by_Call_ID_and_both_tags()
    {
        Dialog dialog = Make("c1");
        string tag = Text(dialog.LocalTag);
        Assert.True(table.TryFind(sip.Request("BYE", toTag: tag), out Dialog? found));
        Assert.Same(dialog, found);
        Assert.False(table.TryFind(sip.Request("BYE", toTag: tag, callId: "c2"), out _));
        Assert.False(table.TryFind(sip.Request("BYE", toTag: tag[..^1] + (tag[^1] == '0' ? '1' : '0')), out _));
        Assert.False(table.TryFind(sip.Request("BYE", toTag: "x"), out _));
        Assert.False(table.TryFind(sip.Request("BYE"), out _));
        Assert.False(table.TryFind("c1"u8, dialog.LocalTag, "other"u8, out _));
    }

    [Fact]
    public void The_dialogs_of_a_forked_INVITE_share_our_tag_and_are_told_apart_by_theirs()
    {
        byte[] tag = Tag();
        Dialog[] forks = [.. Enumerable.Range(0, 3).Select(i => table.CreateFromResponse(ForkResponse(tag, $"f{i}"), sip.UdpFlow, this))];
        for (int i = 0; i < 3; i++)
        {
            Assert.True(table.TryFindByResponse(ForkResponse(tag, $"f{i}"), out Dialog? found));
            Assert.Same(forks[i], found);
        }

        table.Remove(forks[1]);
        Assert.False(table.TryFindByResponse(ForkResponse(tag, "f1"), out _));
        Assert.True(table.TryFindByResponse(ForkResponse(tag, "f0"), out _));
        Assert.True(table.TryFindByResponse(ForkResponse(tag, "f2"), out _));
        Assert.Equal(2, table.Count);
    }

    [Fact]
    public void The_table_grows_and_forgets()
    {
        Dialog[] dialogs = [.. Enumerable.Range(0, 2000).Select(i => Make($"c{i}"))];
        Assert.Equal(2000, table.Count);
        Assert.All(dialogs, d => Assert.True(table.TryFind(d.CallId, d.LocalTag, d.RemoteTag, out _)));
        foreach (Dialog dialog in dialogs)
        {
            table.Remove(dialog);
            table.Remove(dialog);
        }

        Assert.Equal(0, table.Count);
        Assert.All(dialogs, d => Assert.False(table.TryFind(d.CallId, d.LocalTag, d.RemoteTag, out _)));
    }

    [Fact]
    public void A_local_tag_that_is_not_ours_is_a_mistake_of_the_caller() =>
        Assert.Throws<ArgumentException>(() => table.Add(Dialog.FromRequest(sip.Request(), sip.UdpFlow, "mine"u8, default, this)));

    [Fact]
    public void A_dialog_costs_under_2_KB_and_finding_it_nothing()
    {
        SipMessage request = sip.Request(extra: "Contact: <sip:alice@192.168.1.5:5060;transport=udp>\n");
        byte[] tag = Tag();
        Dialog dialog = Dialog.FromRequest(request, sip.UdpFlow, tag, "<sip:us@192.0.2.1>"u8, this);
        long before = GC.GetAllocatedBytesForCurrentThread();
        dialog = Dialog.FromRequest(request, sip.UdpFlow, tag, "<sip:us@192.0.2.1>"u8, this);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 2048);
        table.Add(dialog);

        SipMessage bye = sip.Request("BYE", toTag: Text(tag));
        Assert.True(table.TryFind(bye, out _));
        before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            table.TryFind(bye, out _);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    void IDialogUser.OnRequest(Dialog dialog, ServerTransaction transaction) => throw new NotSupportedException();

    void IDialogUser.OnAck(Dialog dialog, SipMessage ack, in Flow flow) => throw new NotSupportedException();

    private static string Text(ReadOnlySpan<byte> octets) => System.Text.Encoding.UTF8.GetString(octets);

    private byte[] Tag()
    {
        byte[] tag = new byte[LoopIds.TagLength];
        sip.Table.Ids.NewTag(tag);
        return tag;
    }

    private Dialog Make(string callId)
    {
        Dialog dialog = Dialog.FromRequest(sip.Request(callId: callId), sip.UdpFlow, Tag(), default, this);
        table.Add(dialog);
        return dialog;
    }

    private SipMessage ForkResponse(byte[] tag, string toTag) =>
        sip.Parse($"SIP/2.0 180 Ringing\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\nFrom: <sip:a@x>;tag={Text(tag)}\nTo: <sip:b@x>;tag={toTag}\nCall-ID: c1\nCSeq: 1 INVITE\nContact: <sip:b@y>\nContent-Length: 0\n\n");
}
