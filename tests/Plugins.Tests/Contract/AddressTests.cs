using System.Net;
using System.Text;
using Sip.B2bua;
using Sip.Transports;

namespace Plugins.Tests.Contract;

public sealed class AddressTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.0/24", "192.0.2.255", true)]
    [InlineData("192.0.2.0/24", "192.0.3.0", false)]
    [InlineData("192.0.2.77/24", "192.0.2.1", true)]
    [InlineData("0.0.0.0/0", "203.0.113.5", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("::/0", "2001:db8::1", true)]
    [InlineData("2001:db8::/32", "2001:db8:1::1", true)]
    [InlineData("2001:db8::/32", "2001:db9::1", false)]
    [InlineData("[2001:db8::1]", "2001:db8::1", true)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("localhost", "127.0.0.1", true)]
    public async Task A_list_has_addresses_networks_and_names(string word, string address, bool contained)
    {
        AddressList list = await AddressList.ResolveAsync([word]);
        Assert.Equal(contained, list.Contains(SipAddress.From(IPAddress.Parse(address), 5060)));
    }

    [Fact]
    public async Task A_name_without_an_address_is_told_and_matches_nothing()
    {
        AddressList list = await AddressList.ResolveAsync(["no-such-name.invalid"]);
        Assert.Equal(["no-such-name.invalid"], list.Unresolved);
        Assert.True(list.IsEmpty);
    }

    [Fact]
    public async Task Asking_a_list_allocates_nothing()
    {
        AddressList list = await AddressList.ResolveAsync(["192.0.2.0/24", "2001:db8::/32"]);
        SipAddress address = SipAddress.From(IPAddress.Parse("2001:db8::1"), 5060);
        list.Contains(address);
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool contained = list.Contains(address);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(contained);
    }

    [Theory]
    [InlineData("sip:alice@example.org", "alice@example.org")]
    [InlineData("sips:alice@EXAMPLE.org:5061;transport=tls?x=y", "alice@example.org")]
    [InlineData("sip:%61lice:pw@example.org.", "alice@example.org")]
    [InlineData("sip:Alice@example.org", "Alice@example.org")]
    [InlineData("sip:a%40b@example.org", "a@b@example.org")]
    [InlineData("sip:a%0d%0ab@example.org", "a%0D%0Ab@example.org")]
    [InlineData("sip:a%00@example.org", "a%00@example.org")]
    [InlineData("sip:a%00%00@example.org", "a%00%00@example.org")]
    [InlineData("sip:a%2500@example.org", "a%2500@example.org")]
    [InlineData("sip:example.org", "example.org")]
    [InlineData("sip:bob@[2001:DB8::1]:5060", "bob@[2001:db8::1]")]
    public void An_address_of_record_has_one_spelling(string uri, string expected)
    {
        Assert.True(AddressOfRecord.TryRead(Encoding.UTF8.GetBytes(uri), out string addressOfRecord));
        Assert.Equal(expected, addressOfRecord);
    }

    [Theory]
    [InlineData("tel:+33123")]
    [InlineData("sip:@example.org")]
    public void What_is_no_SIP_URI_has_none(string uri) =>
        Assert.False(AddressOfRecord.TryRead(Encoding.UTF8.GetBytes(uri), out _));

    [Theory]
    [InlineData("alice@example.org", "alice", "example.org")]
    [InlineData("a@b@example.org", "a@b", "example.org")]
    [InlineData("example.org", "", "example.org")]
    public void It_is_taken_apart_at_the_last_at_sign(string addressOfRecord, string user, string domain)
    {
        AddressOfRecord.Split(addressOfRecord, out string readUser, out string readDomain);
        Assert.Equal((user, domain), (readUser, readDomain));
    }
}
