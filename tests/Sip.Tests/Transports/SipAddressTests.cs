using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using Sip.Transports;

namespace Sip.Tests.Transports;

public sealed class SipAddressTests
{
    [Fact]
    public void An_address_takes_24_octets() => Assert.Equal(24, Unsafe.SizeOf<SipAddress>());

    [Theory]
    [InlineData("192.0.2.1", 5060, "192.0.2.1:5060")]
    [InlineData("0.0.0.0", 0, "0.0.0.0:0")]
    [InlineData("255.255.255.255", 65535, "255.255.255.255:65535")]
    [InlineData("[2001:db8::1]", 5060, "[2001:db8::1]:5060")]
    [InlineData("2001:db8::1", 5060, "[2001:db8::1]:5060")]
    [InlineData("::", 1, "[::]:1")]
    [InlineData("::1", 1, "[::1]:1")]
    [InlineData("2001:db8::", 1, "[2001:db8::]:1")]
    [InlineData("2001:DB8:0:0:1:0:0:1", 1, "[2001:db8::1:0:0:1]:1")]
    [InlineData("1:0:2:3:4:5:6:7", 1, "[1:0:2:3:4:5:6:7]:1")]
    [InlineData("::ffff:192.0.2.9", 7, "192.0.2.9:7")]
    [InlineData("64:ff9b::192.0.2.33", 7, "[64:ff9b::c000:221]:7")]
    public void TryParse_reads_what_Format_writes(string host, int port, string text)
    {
        Assert.True(SipAddress.TryParse(Encoding.ASCII.GetBytes(host), port, out SipAddress address));
        Assert.Equal(text, address.ToString());
        Assert.Equal(address, SipAddress.From(address.ToEndPoint()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("example.com")]
    [InlineData("192.0.2")]
    [InlineData("192.0.2.1.5")]
    [InlineData("192.0.2.256")]
    [InlineData("192.0.2.01")]
    [InlineData("192.0.2.")]
    [InlineData("192.0.2.1 ")]
    [InlineData("[2001:db8::1")]
    [InlineData("2001:db8:::1")]
    [InlineData("::1::2")]
    [InlineData(":1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("1:2:3:4:5:6:7:")]
    [InlineData("1:2:3:4:5:6:7")]
    [InlineData("::12345")]
    [InlineData("fe80::1%eth0")]
    [InlineData("::1.2.3")]
    [InlineData("1:2:3:4:5:6:7:1.2.3.4")]
    public void TryParse_refuses_what_is_no_literal_address(string host) =>
        Assert.False(SipAddress.TryParse(Encoding.ASCII.GetBytes(host), 5060, out _));

    [Theory]
    [InlineData(-1)]
    [InlineData(65536)]
    public void TryParse_refuses_a_port_out_of_range(int port) => Assert.False(SipAddress.TryParse("192.0.2.1"u8, port, out _));

    [Fact]
    public void Every_random_IPv6_address_is_written_as_the_framework_writes_it_and_read_back()
    {
        Random random = new(3);
        byte[] octets = new byte[16];
        for (int i = 0; i < 5000; i++)
        {
            random.NextBytes(octets);
            for (int group = 0; group < 8; group++)
            {
                if (random.Next(2) == 0)
                {
                    octets[2 * group] = octets[(2 * group) + 1] = 0;
                }
            }

            octets[0] |= 0x20;
            IPAddress expected = new(octets);
            SipAddress address = SipAddress.From(expected, 5060);
            byte[] text = new byte[SipAddress.MaxTextLength];
            string written = Encoding.ASCII.GetString(text, 0, address.FormatHostBare(text));
            Assert.Equal(expected.ToString(), written);
            Assert.True(SipAddress.TryParse(Encoding.ASCII.GetBytes(written), 5060, out SipAddress back));
            Assert.Equal(address, back);
        }
    }

    [Theory]
    [InlineData("127.0.0.2", true, false)]
    [InlineData("::1", true, false)]
    [InlineData("0.0.0.0", false, true)]
    [InlineData("::", false, true)]
    [InlineData("10.0.0.1", false, false)]
    public void Loopback_and_wildcard_are_known(string host, bool loopback, bool any)
    {
        Assert.True(SipAddress.TryParse(Encoding.ASCII.GetBytes(host), 5060, out SipAddress address));
        Assert.Equal(loopback, address.IsLoopback);
        Assert.Equal(any, address.IsAny);
    }

    [Fact]
    public void Writing_and_reading_allocate_nothing()
    {
        Span<byte> text = stackalloc byte[SipAddress.MaxTextLength];
        Assert.True(SipAddress.TryParse("2001:db8::1"u8, 5060, out SipAddress address));
        address.Format(text);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            int length = address.FormatHost(text);
            SipAddress.TryParse(text[..length], 5060, out address);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
