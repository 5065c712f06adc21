using Sip.B2bua;
using Sip.Messages;

namespace Plugins.Tests;

/// <summary>What every location service must do. Derive, make yours, run.</summary>
public abstract class LocationServiceContract
{
    private const string Alice = "alice@example.org";

    /// <summary>A service without any record, that reads the given clock.</summary>
    protected abstract ILocationService Create(TimeProvider time);

    [Fact]
    public async Task An_address_nobody_registered_has_no_bindings_and_version_0()
    {
        ILocationService service = Create(new TestClock());
        LocationRecord record = await service.FetchAsync(Alice);
        Assert.Empty(record.Bindings);
        Assert.Equal(0, record.Version);
    }

    [Fact]
    public async Task What_was_stored_is_fetched()
    {
        TestClock clock = new();
        ILocationService service = Create(clock);
        Assert.True(await service.TryStoreAsync(Alice, LocationRecord.Empty, [Sample(clock, "sip:a@192.0.2.1")]));
        LocationRecord record = await service.FetchAsync(Alice);
        Assert.Equal("sip:a@192.0.2.1", Assert.Single(record.Bindings).Contact);
        Assert.True(record.Version > 0);
    }

    [Fact]
    public async Task A_binding_is_kept_as_long_as_it_takes_messages()
    {
        TestClock clock = new();
        ILocationService service = Create(clock);
        Binding sample = Sample(clock, "sip:a@192.0.2.1");
        DateTimeOffset last = sample.Expires.AddSeconds(500);
        await service.TryStoreAsync(Alice, LocationRecord.Empty, [sample with { MessageExpires = last }, Sample(clock, "sip:b@192.0.2.1")]);
        clock.AdvanceSeconds((sample.Expires - clock.GetUtcNow()).TotalSeconds + 1);
        Binding left = Assert.Single((await service.FetchAsync(Alice)).Bindings);
        Assert.Equal(last, left.MessageExpires);
        Assert.True(left.Takes(SipMethod.Message, clock.GetUtcNow()));
        Assert.False(left.Takes(SipMethod.Invite, clock.GetUtcNow()));
        clock.AdvanceSeconds(500);
        Assert.Empty((await service.FetchAsync(Alice)).Bindings);
    }

    [Fact]
    public async Task Another_address_does_not_see_it()
    {
        TestClock clock = new();
        ILocationService service = Create(clock);
        await service.TryStoreAsync(Alice, LocationRecord.Empty, [Sample(clock, "sip:a@192.0.2.1")]);
        Assert.Empty((await service.FetchAsync("bob@example.org")).Bindings);
    }

    [Fact]
    public async Task Storing_after_somebody_else_has_written_changes_nothing()
    {
        TestClock clock = new();
        ILocationService service = Create(clock);
        LocationRecord read = await service.FetchAsync(Alice);
        Assert.True(await service.TryStoreAsync(Alice, read, [Sample(clock, "sip:first@192.0.2.1")]));
        Assert.False(await service.TryStoreAsync(Alice, read, [Sample(clock, "sip:second@192.0.2.1")]));
        Assert.Equal("sip:first@192.0.2.1", Assert.Single((await service.FetchAsync(Alice)).Bindings).Contact);
    }

    [Fact]
    public async Task A_record_read_before_removal_and_new_registration_is_out_of_date()
    {
        TestClock clock = new();
        ILocationService service = Create(clock);
        await service.TryStoreAsync(Alice, LocationRecord.Empty, [Sample(clock, "sip:1@192.0.2.1")]);
        LocationRecord old = await service.FetchAsync(Alice);
        await service.TryStoreAsync(Alice, old, []);
        await service.TryStoreAsync(Alice, await service.FetchAsync(Alice), [Sample(clock, "sip:2@192.0.2.1")]);
        Assert.False(await service.TryStoreAsync(Alice, old, [Sample(clock, "sip:3@192.0.2.1")]));
    }

    [Fact]
    public async Task An_empty_list_removes_the_record()
    {
        TestClock clock = new();
        ILocationService service = Create(clock);
        await service.TryStoreAsync(Alice, LocationRecord.Empty, [Sample(clock, "sip:a@192.0.2.1")]);
        Assert.True(await service.TryStoreAsync(Alice, await service.FetchAsync(Alice), []));
        Assert.Empty((await service.FetchAsync(Alice)).Bindings);
    }

    [Fact]
    public async Task Removing_what_is_not_there_succeeds()
    {
        Assert.True(await Create(new TestClock()).TryStoreAsync(Alice, LocationRecord.Empty, []));
    }

    [Fact]
    public async Task An_expired_binding_is_not_fetched_and_the_others_are()
    {
        TestClock clock = new();
        ILocationService service = Create(clock);
        await service.TryStoreAsync(Alice, LocationRecord.Empty, [Sample(clock, "sip:short@192.0.2.1", 60), Sample(clock, "sip:long@192.0.2.1", 600)]);
        clock.AdvanceSeconds(60);
        Assert.Equal("sip:long@192.0.2.1", Assert.Single((await service.FetchAsync(Alice)).Bindings).Contact);
    }

    [Fact]
    public async Task A_record_with_an_expired_binding_can_be_written()
    {
        TestClock clock = new();
        ILocationService service = Create(clock);
        await service.TryStoreAsync(Alice, LocationRecord.Empty, [Sample(clock, "sip:old@192.0.2.1", 60)]);
        clock.AdvanceSeconds(61);
        Assert.True(await service.TryStoreAsync(Alice, await service.FetchAsync(Alice), [Sample(clock, "sip:new@192.0.2.1", 60)]));
    }

    [Fact]
    public async Task A_write_is_announced_and_a_refused_one_is_not()
    {
        TestClock clock = new();
        ILocationService service = Create(clock);
        List<string> announced = [];
        service.Changed += announced.Add;
        await service.TryStoreAsync(Alice, LocationRecord.Empty, [Sample(clock, "sip:a@192.0.2.1")]);
        await service.TryStoreAsync(Alice, LocationRecord.Empty, [Sample(clock, "sip:b@192.0.2.1")]);
        Assert.Equal([Alice], announced);
    }

    [Fact]
    public async Task Of_many_writers_at_one_moment_each_gets_his_binding_in_by_reading_again()
    {
        TestClock clock = new();
        ILocationService service = Create(clock);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(n => Task.Run(async () =>
        {
            LocationRecord read;
            do
            {
                read = await service.FetchAsync(Alice);
            }
            while (!await service.TryStoreAsync(Alice, read, [.. read.Bindings, Sample(clock, $"sip:{n}@192.0.2.1")]));
        })));
        Assert.Equal(8, (await service.FetchAsync(Alice)).Bindings.Count);
    }

    private static Binding Sample(TimeProvider time, string contact, int seconds = 600) => new()
    {
        Contact = contact,
        UniqueId = "fs-gen-" + contact,
        Expires = time.GetUtcNow().AddSeconds(seconds),
        Updated = time.GetUtcNow(),
        CallId = "call",
        CSeq = 1,
    };
}
