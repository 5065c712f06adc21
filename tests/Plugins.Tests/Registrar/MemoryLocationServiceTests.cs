using Microsoft.Extensions.Logging.Abstractions;
using Sip.B2bua;
using Sip.B2bua.Plugins.Registrar;

namespace Plugins.Tests.Registrar;

public sealed class MemoryLocationServiceTests : LocationServiceContract
{
    [Fact]
    public async Task A_full_service_refuses_new_addresses_and_serves_the_old()
    {
        TestClock clock = new();
        using MemoryLocationService service = Make(clock, 2);
        Assert.True(await service.TryStoreAsync("a@d", LocationRecord.Empty, [Sample(clock)]));
        Assert.True(await service.TryStoreAsync("b@d", LocationRecord.Empty, [Sample(clock)]));
        Assert.False(await service.TryStoreAsync("c@d", LocationRecord.Empty, [Sample(clock)]));
        Assert.True(await service.TryStoreAsync("a@d", await service.FetchAsync("a@d"), [Sample(clock)]));
        Assert.Equal(2, service.Count);
    }

    [Fact]
    public async Task Expired_records_make_room()
    {
        TestClock clock = new();
        using MemoryLocationService service = Make(clock, 1);
        await service.TryStoreAsync("a@d", LocationRecord.Empty, [Sample(clock)]);
        clock.AdvanceSeconds(61);
        Assert.Equal(0, service.Count);
        Assert.True(await service.TryStoreAsync("b@d", LocationRecord.Empty, [Sample(clock)]));
    }

    protected override ILocationService Create(TimeProvider time) => Make(time, 1000);

    private static MemoryLocationService Make(TimeProvider time, int most) =>
        new(new FixedSettings<MemoryLocationOptions>(new MemoryLocationOptions { MaxAddresses = most }), time, NullLoggerFactory.Instance);

    private static Binding Sample(TimeProvider time) => new()
    {
        Contact = "sip:x@192.0.2.1",
        UniqueId = "id",
        Expires = time.GetUtcNow().AddSeconds(60),
        Updated = time.GetUtcNow(),
        CallId = "c",
        CSeq = 1,
    };
}
