using System.Text;
using Sip.B2bua;

namespace Plugins.Tests;

/// <summary>What every message store must do. Derive, make yours, run.</summary>
public abstract class MessageStoreContract
{
    private protected const string Bob = "bob@example.org";

    /// <summary>A store without any message, that reads the given clock.</summary>
    protected abstract IMessageStore Create(TimeProvider time);

    [Fact]
    public async Task What_was_kept_is_fetched_octet_by_octet()
    {
        TestClock clock = new();
        IMessageStore store = Create(clock);
        byte[] content = [.. Enumerable.Range(0, 256).Select(n => (byte)n)];
        KeptMessage message = Sample(clock, "1") with { Content = content, Urgency = 1, Awaited = ["a", "b"], Delivered = ["c"] };
        Assert.True(await store.TryKeepAsync(message, 10, 10));
        KeptMessage kept = Assert.Single(await store.FetchAsync(Bob));
        Assert.Equal(content, kept.Content.ToArray());
        Assert.Equal(("1", Bob, 1), (kept.Id, kept.AddressOfRecord, kept.Urgency));
        Assert.Equal(["a", "b"], kept.Awaited.Order());
        Assert.Equal(["c"], kept.Delivered);
        Assert.Equal(message.Expires, kept.Expires, TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public async Task Another_address_does_not_see_it()
    {
        TestClock clock = new();
        IMessageStore store = Create(clock);
        await store.TryKeepAsync(Sample(clock, "1"), 10, 10);
        Assert.Empty(await store.FetchAsync("alice@example.org"));
        Assert.Equal([Bob], await store.AddressesAsync());
    }

    [Fact]
    public async Task The_urgent_come_first_and_the_others_in_the_order_of_arrival()
    {
        TestClock clock = new();
        IMessageStore store = Create(clock);
        foreach ((string id, int urgency) in new[] { ("1", 2), ("2", 3), ("3", 0), ("4", 2) })
        {
            await store.TryKeepAsync(Sample(clock, id) with { Urgency = urgency }, 10, 10);
        }

        Assert.Equal(["3", "1", "4", "2"], (await store.FetchAsync(Bob)).Select(m => m.Id));
    }

    [Fact]
    public async Task What_has_expired_is_gone()
    {
        TestClock clock = new();
        IMessageStore store = Create(clock);
        await store.TryKeepAsync(Sample(clock, "1") with { Expires = clock.GetUtcNow().AddSeconds(60) }, 10, 10);
        clock.AdvanceSeconds(60);
        Assert.Empty(await store.FetchAsync(Bob));
        Assert.Empty(await store.AddressesAsync());
        Assert.True(await store.TryKeepAsync(Sample(clock, "2"), 1, 1));
    }

    [Fact]
    public async Task A_message_goes_when_each_device_that_it_awaits_has_had_it()
    {
        TestClock clock = new();
        IMessageStore store = Create(clock);
        await store.TryKeepAsync(Sample(clock, "1") with { Awaited = ["a", "b"] }, 10, 10);
        await store.DeliveredAsync("1", "other");
        await store.DeliveredAsync("1", "a");
        Assert.Equal(["a", "other"], Assert.Single(await store.FetchAsync(Bob)).Delivered.Order());
        await store.DeliveredAsync("1", "b");
        Assert.Empty(await store.FetchAsync(Bob));
    }

    [Fact]
    public async Task A_message_that_awaits_nobody_in_particular_stays_for_others()
    {
        TestClock clock = new();
        IMessageStore store = Create(clock);
        await store.TryKeepAsync(Sample(clock, "1"), 10, 10);
        await store.DeliveredAsync("1", "a");
        await store.DeliveredAsync("1", "a");
        Assert.Equal(["a"], Assert.Single(await store.FetchAsync(Bob)).Delivered);
    }

    [Fact]
    public async Task To_note_something_of_a_message_that_is_gone_does_nothing()
    {
        IMessageStore store = Create(new TestClock());
        await store.DeliveredAsync("none", "a");
        Assert.Empty(await store.AddressesAsync());
    }

    [Fact]
    public async Task There_is_room_for_so_many_of_one_address_and_of_all()
    {
        TestClock clock = new();
        IMessageStore store = Create(clock);
        Assert.True(await store.TryKeepAsync(Sample(clock, "1"), 1, 2));
        Assert.False(await store.TryKeepAsync(Sample(clock, "2"), 1, 2));
        Assert.True(await store.TryKeepAsync(Sample(clock, "3") with { AddressOfRecord = "alice@example.org" }, 1, 2));
        Assert.False(await store.TryKeepAsync(Sample(clock, "4") with { AddressOfRecord = "carol@example.org" }, 1, 2));
    }

    [Fact]
    public async Task What_some_device_has_had_makes_room_the_oldest_first()
    {
        TestClock clock = new();
        IMessageStore store = Create(clock);
        await store.TryKeepAsync(Sample(clock, "1"), 3, 10);
        await store.TryKeepAsync(Sample(clock, "2"), 3, 10);
        await store.TryKeepAsync(Sample(clock, "3"), 3, 10);
        await store.DeliveredAsync("2", "a");
        await store.DeliveredAsync("3", "a");
        Assert.True(await store.TryKeepAsync(Sample(clock, "4"), 3, 10));
        Assert.Equal(["1", "3", "4"], (await store.FetchAsync(Bob)).Select(m => m.Id));
    }

    [Fact]
    public async Task What_a_stranger_writes_is_no_command()
    {
        TestClock clock = new();
        IMessageStore store = Create(clock);
        const string Name = "x'; DROP TABLE message; --@example.org";
        await store.TryKeepAsync(Sample(clock, "1") with { AddressOfRecord = Name, Awaited = ["'\"\0;"] }, 10, 10);
        Assert.Equal(["'\"\0;"], Assert.Single(await store.FetchAsync(Name)).Awaited);
    }

    [Fact]
    public async Task Many_at_one_moment_are_all_kept()
    {
        TestClock clock = new();
        IMessageStore store = Create(clock);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(n => Task.Run(async () => await store.TryKeepAsync(Sample(clock, $"{n}"), 100, 100))));
        Assert.Equal(50, (await store.FetchAsync(Bob)).Count);
    }

    private protected static KeptMessage Sample(TimeProvider time, string id) => new()
    {
        Id = id,
        AddressOfRecord = Bob,
        Content = Encoding.UTF8.GetBytes("MESSAGE " + id),
        Expires = time.GetUtcNow().AddDays(7),
    };
}
