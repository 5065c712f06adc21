using Sip.B2bua;
using Sip.B2bua.Plugins.MediaRelay;

namespace Plugins.Tests.MediaRelay;

public class PortPoolTests
{
    [Theory]
    [InlineData(1024, 65535, 32256)]
    [InlineData(10001, 10006, 2)]
    [InlineData(10000, 10001, 1)]
    [InlineData(10000, 10000, 0)]
    [InlineData(10001, 10002, 0)]
    [InlineData(0, 65535, 32767)]
    public void An_odd_minimum_is_raised_and_an_even_maximum_lowered(int minimum, int maximum, int pairs) =>
        Assert.Equal(pairs, new PortPool(minimum, maximum).Capacity);

    [Fact]
    public void Every_pair_is_handed_out_once_and_even()
    {
        PortPool pool = new(10000, 10199);
        HashSet<int> ports = [];
        while (pool.TryTake(out int port))
        {
            Assert.Equal(0, port % 2);
            Assert.InRange(port, 10000, 10198);
            Assert.True(ports.Add(port));
            Assert.True(pool.Holds(port) && pool.Holds(port + 1));
        }

        Assert.Equal(100, ports.Count);
        Assert.Equal(100, pool.InUse);
    }

    [Fact]
    public void A_pair_given_back_twice_counts_once()
    {
        PortPool pool = new(10000, 10003);
        Assert.True(pool.TryTake(out int port));
        pool.Return(port);
        pool.Return(port);
        Assert.Equal(0, pool.InUse);
        Assert.False(pool.Holds(port));
    }

    [Fact]
    public void A_range_without_a_pair_is_a_fault_of_the_configuration()
    {
        Assert.Equal("sdp-port-range", Assert.Single(new MediaRelayOptions { SdpPortRange = new PortRange(5001, 5002) }.Check()).Key);
        Assert.Empty(new MediaRelayOptions().Check());
    }
}
