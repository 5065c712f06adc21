using Sip.Transports;

namespace Sip.Tests.Transports;

public sealed class StunMessageTests
{
    private static readonly byte[] Request =
    [
        0x00, 0x01, 0x00, 0x00, 0x21, 0x12, 0xA4, 0x42,
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
    ];

    [Theory]
    [InlineData("rfc5769-response-ipv4.bin", "192.0.2.1:32853")]
    [InlineData("rfc5769-response-ipv6.bin", "[2001:db8:1234:5678:11:2233:4455:6677]:32853")]
    public void The_mapped_address_of_RFC_5769_is_read(string file, string expected)
    {
        byte[] response = Vector(file);
        Assert.True(StunMessage.IsStun(response));
        Assert.True(StunMessage.TryReadMappedAddress(response, out SipAddress mapped));
        Assert.Equal(expected, mapped.ToString());
    }

    [Theory]
    [InlineData("192.0.2.1", 32853)]
    [InlineData("2001:db8:1234:5678:11:2233:4455:6677", 5060)]
    public void The_answer_carries_the_address_the_request_came_from(string host, int port)
    {
        SipAddress remote = SipAddress.From(System.Net.IPAddress.Parse(host), port);
        byte[] answer = new byte[StunMessage.MaxAnswerLength];
        int length = StunMessage.WriteAnswer(Request, remote, answer);
        Assert.True(StunMessage.TryReadMappedAddress(answer.AsSpan(0, length), out SipAddress mapped));
        Assert.Equal(remote, mapped);
        Assert.Equal(Request[8..], answer[8..20]);
    }

    [Fact]
    public void An_attribute_that_must_be_understood_and_is_not_is_answered_with_420()
    {
        // RFC 5389 7.3.1; the request of RFC 5769 carries ICE's PRIORITY (0x0024).
        byte[] request = Vector("rfc5769-request.bin");
        byte[] answer = new byte[StunMessage.MaxAnswerLength];
        int length = StunMessage.WriteAnswer(request, SipAddress.FromIPv4(0xC0000201, 5060), answer);
        Assert.True(StunMessage.IsStun(answer.AsSpan(0, length)));
        Assert.Equal(0x0111, (answer[0] << 8) | answer[1]);
        Assert.Equal([4, 20], answer[26..28]);
        Assert.True(answer.AsSpan(0, length).IndexOf<byte>([0x00, 0x0A, 0x00, 0x02, 0x00, 0x24]) > 0);
    }

    [Fact]
    public void Indications_responses_and_broken_attributes_get_no_answer()
    {
        byte[] answer = new byte[StunMessage.MaxAnswerLength];
        SipAddress remote = SipAddress.FromIPv4(0xC0000201, 5060);
        byte[] indication = [.. Request];
        indication[1] = 0x11;
        Assert.Equal(0, StunMessage.WriteAnswer(indication, remote, answer));
        Assert.Equal(0, StunMessage.WriteAnswer(Vector("rfc5769-response-ipv4.bin"), remote, answer));
        byte[] broken = [.. Request, 0x80, 0x22, 0xFF, 0xFF];
        broken[3] = 4;
        Assert.Equal(0, StunMessage.WriteAnswer(broken, remote, answer));
    }

    [Fact]
    public void SIP_and_truncated_or_padded_packets_are_not_STUN()
    {
        Assert.False(StunMessage.IsStun("OPTIONS sip:a@b SIP/2.0\r\n\r\n"u8));
        Assert.False(StunMessage.IsStun(Request.AsSpan(0, 19)));
        Assert.False(StunMessage.IsStun([.. Request, 0, 0, 0, 0]));
        byte[] noCookie = [.. Request];
        noCookie[4] = 0;
        Assert.False(StunMessage.IsStun(noCookie));
    }

    [Fact]
    public void Random_packets_behind_a_good_header_never_throw()
    {
        Random random = new(5);
        byte[] answer = new byte[StunMessage.MaxAnswerLength];
        for (int i = 0; i < 20000; i++)
        {
            byte[] attributes = new byte[4 * random.Next(30)];
            random.NextBytes(attributes);
            byte[] packet = [.. Request, .. attributes];
            packet[0] = (byte)random.Next(2);
            packet[3] = (byte)attributes.Length;
            StunMessage.WriteAnswer(packet, SipAddress.FromIPv4(1, 1), answer);
            StunMessage.TryReadMappedAddress(packet, out _);
        }
    }

    private static byte[] Vector(string file) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Data", "vectors", "stun", file));
}
