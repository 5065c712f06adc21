using Microsoft.Extensions.Logging.Abstractions;
using Sip.B2bua;
using Sip.B2bua.Plugins.FileCredentials;

namespace Plugins.Tests.FileCredentials;

public sealed class FileCredentialStoreTests : CredentialStoreContract, IDisposable
{
    private readonly string path = Path.GetTempFileName();
    private readonly TestClock clock = new();

    public void Dispose() => File.Delete(path);

    [Fact]
    public async Task A_changed_file_is_read_again()
    {
        FileCredentialStore store = Create("alice@example.org clrtxt:secret ;");
        Rewrite("version:1\nbob@example.org clrtxt:other ;\n");
        Assert.NotNull(await store.FindAsync("bob", "example.org"));
        Assert.Null(await store.FindAsync("alice", "example.org"));
    }

    [Fact]
    public async Task A_file_that_becomes_invalid_changes_nothing_until_it_is_right_again()
    {
        FileCredentialStore store = Create("alice@example.org clrtxt:secret ;");
        Rewrite("version:1\nalice@example.org clrtxt:secret;\n");
        Assert.NotNull(await store.FindAsync("alice", "example.org"));
        Rewrite("version:1\nbob@example.org clrtxt:secret ;\n");
        Assert.NotNull(await store.FindAsync("bob", "example.org"));
    }

    [Fact]
    public async Task A_file_that_vanishes_changes_nothing()
    {
        FileCredentialStore store = Create("alice@example.org clrtxt:secret ;");
        File.Delete(path);
        clock.AdvanceSeconds(10);
        Assert.NotNull(await store.FindAsync("alice", "example.org"));
    }

    [Fact]
    public async Task A_file_that_is_not_there_yet_lets_nobody_in_until_it_comes()
    {
        File.Delete(path);
        using FileCredentialStore store = new(
            new FixedSettings<FileCredentialsOptions>(new FileCredentialsOptions { FilePath = path }), clock, NullLoggerFactory.Instance);
        Assert.Null(await store.FindAsync("alice", "example.org"));
        File.WriteAllText(path, "version:1\nalice@example.org clrtxt:secret ;\n");
        clock.AdvanceSeconds(10);
        Assert.NotNull(await store.FindAsync("alice", "example.org"));
    }

    [Fact]
    public async Task Without_a_path_there_is_nobody()
    {
        using FileCredentialStore store = new(
            new FixedSettings<FileCredentialsOptions>(new FileCredentialsOptions()), clock, NullLoggerFactory.Instance);
        Assert.Null(await store.FindAsync("alice", "example.org"));
    }

    [Fact]
    public void A_mistake_stops_the_start_and_says_where_it_is()
    {
        InvalidDataException e = Assert.Throws<InvalidDataException>(() => Create("alice@example.org clrtxt:secret;"));
        Assert.Contains($"{path}:2:32: a blank is expected before ;", e.Message);
    }

    protected override ICredentialStore CreateWithAlice() => Create("alice@example.org clrtxt:secret ;");

    private FileCredentialStore Create(string line)
    {
        File.WriteAllText(path, $"version:1\n{line}\n");
        return new FileCredentialStore(
            new FixedSettings<FileCredentialsOptions>(new FileCredentialsOptions { FilePath = path }), clock, NullLoggerFactory.Instance);
    }

    private void Rewrite(string text)
    {
        DateTime before = File.GetLastWriteTimeUtc(path);
        File.WriteAllText(path, text);
        File.SetLastWriteTimeUtc(path, before.AddSeconds(1));
        clock.AdvanceSeconds(10);
    }
}
