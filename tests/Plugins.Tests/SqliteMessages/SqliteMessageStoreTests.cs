using Microsoft.Extensions.Logging.Abstractions;
using Sip.B2bua;
using Sip.B2bua.Plugins.SqliteMessages;

namespace Plugins.Tests.SqliteMessages;

public sealed class SqliteMessageStoreTests : MessageStoreContract, IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("messages").FullName;
    private readonly List<SqliteMessageStore> stores = [];

    private string File => Path.Combine(folder, "state", "messages.db");

    [Fact]
    public async Task Messages_survive_a_restart()
    {
        TestClock clock = new();
        SqliteMessageStore before = Open(clock, File);
        await before.TryKeepAsync(Sample(clock, "1") with { Awaited = ["a", "b"] }, 10, 10);
        await before.DeliveredAsync("1", "a");
        before.Dispose();
        stores.Clear();
        SqliteMessageStore after = Open(clock, File);
        Assert.Equal([Bob], await after.AddressesAsync());
        Assert.Equal(["a"], Assert.Single(await after.FetchAsync(Bob)).Delivered);
    }

    [Fact]
    public async Task Without_the_database_they_are_kept_in_memory()
    {
        TestClock clock = new();
        SqliteMessageStore store = Open(clock, File, enabled: false);
        Assert.True(await store.TryKeepAsync(Sample(clock, "1"), 10, 10));
        Assert.False(System.IO.File.Exists(File));
    }

    [Fact]
    public void A_file_that_cannot_be_made_stops_the_start_and_says_why()
    {
        System.IO.File.WriteAllText(Path.Combine(folder, "state"), "a file where the folder should be");
        InvalidOperationException fault = Assert.Throws<InvalidOperationException>(() => Open(new TestClock(), File));
        Assert.Contains(File, fault.Message, StringComparison.Ordinal);
        Assert.Contains("message-database-file", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_database_stops_the_start_and_says_why()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        System.IO.File.WriteAllText(File, new string('x', 4096));
        Assert.Contains(File, Assert.Throws<InvalidOperationException>(() => Open(new TestClock(), File)).Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        foreach (SqliteMessageStore store in stores)
        {
            store.Dispose();
        }

        Directory.Delete(folder, recursive: true);
    }

    protected override IMessageStore Create(TimeProvider time) => Open(time, File);

    private SqliteMessageStore Open(TimeProvider time, string file, bool enabled = true)
    {
        SqliteMessagesOptions options = new() { MessageDatabaseFile = file, MessageDatabaseEnabled = enabled };
        SqliteMessageStore store = new(new FixedSettings<SqliteMessagesOptions>(options), time, NullLoggerFactory.Instance);
        stores.Add(store);
        return store;
    }
}
