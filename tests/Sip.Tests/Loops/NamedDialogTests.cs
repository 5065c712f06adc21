using System.Text;
using Sip.Messages;
using Sip.Tests.Messages;

namespace Sip.Tests.Loops;

/// <summary>Which dialog a request outside any dialog is about.</summary>
public sealed class NamedDialogTests
{
    [Theory]
    [InlineData("INVITE", "Replaces: a;to-tag=b;from-tag=c", "a b c")]
    [InlineData("INVITE", "Join: a;to-tag=b;from-tag=c", "a b c")]
    [InlineData("INVITE", "Replaces: a;to-tag=b;from-tag=c\r\nJoin: d;to-tag=e;from-tag=f", "a b c")]
    [InlineData("REFER", "Target-Dialog: a;local-tag=b;remote-tag=c", "a b c")]
    [InlineData("INVITE", "Target-Dialog: a;local-tag=b;remote-tag=c", null)]
    [InlineData("MESSAGE", "Target-Dialog: a;local-tag=b;remote-tag=c", null)]
    [InlineData("REFER", "Replaces: a;to-tag=b;from-tag=c", null)]
    [InlineData("INVITE", "Replaces: a", null)]
    [InlineData("REFER", "Target-Dialog: a", null)]
    [InlineData("INVITE", "Subject: a", null)]
    [InlineData("REFER", "Subject: a", null)]
    public void RFC_3891_3_RFC_3911_4_RFC_4538_4_An_INVITE_or_a_REFER_names_one(string method, string header, string? ids)
    {
        SipMessage request = TestMessages.Parse($"{method} sip:b@example.org SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@example.org>;tag=1\r\n"
            + $"To: <sip:b@example.org>\r\nCall-ID: 1\r\nCSeq: 1 {method}\r\n{header}\r\n\r\n");
        bool names = NamedDialog.TryRead(request, out NamedDialog named);
        string? read = names ? $"{Text(named.CallId)} {Text(named.LocalTag)} {Text(named.RemoteTag)}" : null;
        Assert.Equal(ids, read);
    }

    private static string Text(ReadOnlySpan<byte> text) => Encoding.ASCII.GetString(text);
}
