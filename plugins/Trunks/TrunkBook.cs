using System.Composition;
using System.Text;
using Microsoft.Extensions.Logging;
using Sip.Uris;

namespace Sip.B2bua.Plugins.Trunks;

/// <summary>The trunks as the file has them now, and at work: shared by the modules that send calls to them and take calls from them.</summary>
[Export, Shared]
internal sealed partial class TrunkBook : IDisposable
{
    private readonly IRequestSender sender;
    private readonly IEventLoops loops;
    private readonly ILogger log;
    private readonly WatchedFile file;
    private TrunkTable current = TrunkTable.Empty;
    private int made;

    [ImportingConstructor]
    public TrunkBook(ISettings<TrunksOptions> settings, IRequestSender sender, IEventLoops loops, TimeProvider time, ILoggerFactory loggers)
    {
        this.sender = sender;
        this.loops = loops;
        log = loggers.CreateLogger("Trunks");
        file = new WatchedFile(() => settings.Value.TrunksFile, TryTake, time, log);
    }

    /// <summary>The trunks as they are now.</summary>
    public TrunkTable Current => Volatile.Read(ref current);

    /// <summary>Reads the file, begins to watch it, and begins to register.</summary>
    /// <exception cref="InvalidDataException">The file has mistakes; the message has them all.</exception>
    public void Start() => file.Start();

    /// <summary>Takes all registrations back; completed when the registrars have answered.</summary>
    public Task StopAsync()
    {
        file.Dispose();
        return Task.WhenAll(Current.Trunks.SelectMany(trunk => trunk.Peers).Select(peer => peer.StopAsync()));
    }

    public void Dispose() => file.Dispose();

    private bool TryTake(string path, string text, List<string> mistakes)
    {
        if (TrunkFileReader.Read(path, text, mistakes) is not { } read)
        {
            return false;
        }

        TrunkTable before = Current;
        List<Trunk> trunks = [];
        foreach (TrunkSettings settings in read)
        {
            Trunk? same = before.Find(settings.Name);
            trunks.Add(same is not null && same.Settings.Text == settings.Text ? same : Make(settings, same));
        }

        Volatile.Write(ref current, new TrunkTable(trunks));
        List<TrunkPeer> old = [.. before.Trunks.SelectMany(trunk => trunk.Peers)];
        List<TrunkPeer> now = [.. trunks.SelectMany(trunk => trunk.Peers)];
        List<(TrunkPeer Peer, Task Ended)> leaving = [.. old.Except(now).Select(peer => (peer, peer.StopAsync()))];
        foreach (TrunkPeer peer in now.Except(old))
        {
            // Who takes the same binding back must have done so before.
            peer.Start(Task.WhenAll(leaving.Where(other => other.Peer.HasSameBinding(peer)).Select(other => other.Ended)));
        }

        return true;
    }

    // Servers of which the file says what it said before go on, and keep their registrations.
    private Trunk Make(TrunkSettings settings, Trunk? before)
    {
        // The file is read at the start and on a thread of the timer: to wait for the names here keeps no call waiting.
        IReadOnlyList<string> words = settings.AcceptFrom ?? [.. settings.Peers.Select(HostOf)];
        AddressList sources = Task.Run(async () => await AddressList.ResolveAsync(words)).GetAwaiter().GetResult();
        foreach (string name in sources.Unresolved)
        {
            NoAddress(log, settings.Name, name);
        }

        return new Trunk(settings, sources, (_, uri) => before?.Peers.FirstOrDefault(peer => peer.Serves(settings, uri)) ?? new TrunkPeer(settings, uri, sender, loops.All[made++ % loops.All.Count], log));
    }

    private static string HostOf(string peer) => SipUri.TryParse(Encoding.UTF8.GetBytes(peer), out SipUri uri) ? Encoding.UTF8.GetString(uri.Host) : "";

    [LoggerMessage(Level = LogLevel.Warning, Message = "trunk {Trunk}: no address found for {Name}, so nothing is accepted from there")]
    private static partial void NoAddress(ILogger log, string trunk, string name);
}
