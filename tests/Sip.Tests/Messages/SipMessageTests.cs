using Sip.Messages;
using static Sip.Tests.Messages.TestMessages;

namespace Sip.Tests.Messages;

public sealed class SipMessageTests
{
    [Theory]
    [InlineData("Contact: <sip:a@b>,<sip:c@d>\r\n", new[] { "<sip:a@b>", "<sip:c@d>" })]
    [InlineData("m: \"x, \\\"y\" <sip:a@b;p=1,2>;q=0.1 , sip:c@d\r\nContact: <sip:e@f>\r\n", new[] { "\"x, \\\"y\" <sip:a@b;p=1,2>;q=0.1", "sip:c@d", "<sip:e@f>" })]
    [InlineData("Contact: ,, <sip:a@b>,\r\n", new[] { "<sip:a@b>" })]
    [InlineData("Contact: \"never closed, <sip:a@b>\r\n", new[] { "\"never closed, <sip:a@b>" })]
    [InlineData("Contact: *\r\n", new[] { "*" })]
    [InlineData("Contact:\r\n", new string[0])]
    [InlineData("", new string[0])]
    public void Values_List_IsSplitOutsideOfQuotesAndBrackets(string headers, string[] expected) =>
        Assert.Equal(expected, Values(Parse(Invite(headers)), HeaderId.Contact));

    // 7.3.1: the grammar of these has commas of its own.
    [Theory]
    [InlineData("Authorization: Digest a=\"1\", b=2\r\nAuthorization: Digest c=3, d=4\r\n", HeaderId.Authorization, 2)]
    [InlineData("Date: Sat, 13 Nov 2010 23:29:00 GMT\r\n", HeaderId.Date, 1)]
    [InlineData("Subject: a, b, c\r\n", HeaderId.Subject, 1)]
    public void Values_NoList_IsOneValueToALine(string headers, HeaderId id, int count) =>
        Assert.Equal(count, Values(Parse(Invite(headers)), id).Count);

    [Fact]
    public void Has_EmptyHeader_IsPresentWithoutValues()
    {
        SipMessage message = Parse(Invite("Accept:\r\n"));
        Assert.True(message.Has(HeaderId.Accept));
        Assert.Empty(Values(message, HeaderId.Accept));
        Assert.False(message.Has(HeaderId.Supported));
    }

    [Fact]
    public void Find_UnknownHeader_IgnoresCase()
    {
        SipMessage message = Parse(Invite("X-Own: 1\r\nx-own: 2\r\nk: timer\r\n"));
        Assert.Equal("1", Text(message.Find("X-OWN"u8)));
        Assert.Equal("timer", Text(message.Find("supported"u8)));
        Assert.True(message.Find("X-Other"u8).IsEmpty);
    }

    [Fact]
    public void HeaderLines_AreKeptInOrderAndAsWritten()
    {
        SipMessage message = Parse(Invite("m: <sip:a@b>\r\nX: y\r\n"));
        Assert.Equal(7, message.HeaderCount);
        Assert.Equal("m", Text(message.NameAt(5)));
        Assert.Equal(HeaderId.Contact, message.IdAt(5));
        Assert.Equal("y", Text(message.ValueAt(6)));
        Assert.Throws<ArgumentOutOfRangeException>(() => message.IdAt(7));
    }

    [Theory]
    [InlineData("z9hG4bK1", true)]
    [InlineData("Z9HG4BK1", true)]
    [InlineData("z9hG4bK", false)]
    [InlineData("1", false)]
    public void HasRfc3261Branch_NeedsTheCookieAndSomethingBehind(string branch, bool expected) =>
        Assert.Equal(expected, Parse(Invite(required: Required.Replace("z9hG4bK77", branch))).HasRfc3261Branch);
}
