using Sip.Transports;

namespace Sip.Tests.Transports;

public sealed class SrvOrderTests
{
    [Fact]
    public void Priorities_are_kept_whatever_the_weights()
    {
        Random random = new(3);
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal([1, 1, 5, 9], SrvOrder.Sort([Srv(9, 65535), Srv(1, 0), Srv(5, 1), Srv(1, 10)], random).Select(r => r.Priority));
        }
    }

    [Fact]
    public void Equal_priorities_are_drawn_by_weight()
    {
        // RFC 2782: "a larger weight should be given a proportionately higher probability of being selected".
        Random random = new(4);
        Dictionary<int, int> firsts = [];
        for (int i = 0; i < 20_000; i++)
        {
            int weight = SrvOrder.Sort([Srv(1, 60), Srv(1, 30), Srv(1, 10), Srv(1, 0)], random)[0].Weight;
            firsts[weight] = firsts.GetValueOrDefault(weight) + 1;
        }

        // One of 101 numbers is 0 and falls to the weight of 0.
        Assert.InRange(firsts[60] / 20_000.0, 0.57, 0.62);
        Assert.InRange(firsts[30] / 20_000.0, 0.28, 0.32);
        Assert.InRange(firsts[10] / 20_000.0, 0.08, 0.12);
        Assert.InRange(firsts[0] / 20_000.0, 0.005, 0.015);
    }

    [Fact]
    public void Every_record_comes_once()
    {
        DnsRecord[] records = [.. Enumerable.Range(0, 20).Select(i => Srv(i % 3, i * 3000))];
        List<DnsRecord> sorted = SrvOrder.Sort(records, new Random(5));
        Assert.Equal(records.OrderBy(r => r.Weight), sorted.OrderBy(r => r.Weight));
    }

    private static DnsRecord Srv(int priority, int weight) =>
        new() { Name = "_sip._udp.x.test", Type = DnsType.Srv, Priority = priority, Weight = weight, Port = 5060, Target = "x.test" };
}
