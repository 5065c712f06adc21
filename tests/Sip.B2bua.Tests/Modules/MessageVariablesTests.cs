using System.Text;
using Sip.B2bua.Modules;
using Sip.Messages;

namespace Sip.B2bua.Tests.Modules;

public sealed class MessageVariablesTests
{
    private const string Extra = "Contact: <sip:alice@192.0.2.1:5070;transport=tcp>, <sip:other@192.0.2.9>\r\nUser-Agent: Phone 1.0\r\n"
        + "Content-Type: application/sdp ;a=b\r\n";

    [Theory]
    [InlineData("Direction", "request")]
    [InlineData("RequestMethod", "INVITE")]
    [InlineData("RequestUriDomain", "example.org")]
    [InlineData("RequestUriUser", "bob")]
    [InlineData("RequestUriParams", "doroute;lr")]
    [InlineData("FromUriDomain", "example.com")]
    [InlineData("FromUriUser", "alice")]
    [InlineData("FromUriParams", "x=1;y")]
    [InlineData("ToUriDomain", "example.org")]
    [InlineData("ToUriUser", "bob")]
    [InlineData("ToUriParams", "")]
    [InlineData("ContactUriDomain", "192.0.2.1")]
    [InlineData("ContactUriUser", "alice")]
    [InlineData("ContactUriParams", "transport=tcp")]
    [InlineData("UserAgent", "Phone 1.0")]
    [InlineData("CallId", "c1@192.0.2.1")]
    [InlineData("CallIdHash", "3758234966")]
    [InlineData("StatusCode", "")]
    [InlineData("StatusPhrase", "")]
    [InlineData("ContentType", "application/sdp")]
    public void A_request_has(string variable, string value) =>
        Assert.Equal(value, Read(TestRequest.Invite(Extra, "sip:bob@example.org:5080;doroute;lr"), variable));

    [Theory]
    [InlineData("Direction", "response")]
    [InlineData("RequestMethod", "")]
    [InlineData("RequestUriDomain", "")]
    [InlineData("StatusCode", "486")]
    [InlineData("StatusPhrase", "Busy Here")]
    [InlineData("FromUriUser", "alice")]
    [InlineData("UserAgent", "")]
    public void A_response_has(string variable, string value) => Assert.Equal(value, Read(Response(), variable));

    [Fact]
    public void Another_scheme_than_SIP_has_no_domain() => Assert.Equal("", Read(TestRequest.Invite("", "tel:+15551234"), "RequestUriDomain"));

    [Fact]
    public void Reading_allocates_nothing()
    {
        MessageVariables variables = new();
        SipMessage message = TestRequest.Invite(Extra);
        Span<byte> scratch = stackalloc byte[32];
        FilterVariable[] all = Enum.GetValues<FilterVariable>();
        foreach (FilterVariable variable in all)
        {
            variables.Of(message).Read(variable, scratch);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (FilterVariable variable in all)
        {
            variables.Of(message).Read(variable, scratch);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static SipMessage Response() => TestRequest.Parse(
        "SIP/2.0 486 Busy Here\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1\r\nFrom: <sip:alice@example.com>;tag=a\r\n"
        + "To: <sip:bob@example.org>;tag=b\r\nCall-ID: c1@192.0.2.1\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n");

    private static string Read(SipMessage message, string variable) =>
        Encoding.UTF8.GetString(new MessageVariables().Of(message).Read(Enum.Parse<FilterVariable>(variable), new byte[32]));
}
