using System.Net.Sockets;
using Sip.Transports;

namespace Sip;

/// <summary>The whole stack: its loops, each with its transports, transactions and dialogs.</summary>
public sealed class SipStack : IAsyncDisposable
{
    private readonly SipStackOptions options;
    private readonly SipLoop[] loops;
    private readonly List<ListeningPoint> points = [];
    private bool started;
    private bool stopped;

    /// <summary>Builds the loops; nothing is open yet.</summary>
    /// <param name="options">What it is made of.</param>
    /// <param name="user">Who is given new requests.</param>
    public SipStack(SipStackOptions options, ISipUser user)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(user);
        this.options = options;
        int count = options.EventLoops > 0 ? options.EventLoops : Environment.ProcessorCount;
        loops = new SipLoop[Math.Min(count, LoopIds.MaxLoops)];
        OwnerLookup owners = new(loops.Length, options.OwnerRandom);
        for (int i = 0; i < loops.Length; i++)
        {
            EventLoop loop = options.CreateLoop?.Invoke(i)
                ?? new EventLoop(i, new EventLoopOptions { Time = options.Time, Logger = options.Logger });
            loops[i] = new SipLoop(loop, options, user, owners, loops);
        }

        TransportSet.Link(Array.ConvertAll(loops, l => l.Transports));
    }

    /// <summary>The loops, in the order of their numbers.</summary>
    public IReadOnlyList<SipLoop> Loops => loops;

    /// <summary>The listening points as opened.</summary>
    public IReadOnlyList<ListeningPoint> Points => points;

    /// <summary>Opens every listening point on every loop.</summary>
    /// <exception cref="ListeningException">Some of them cannot be opened; it says which and why, all at once.</exception>
    public void Open()
    {
        TransportSet[] sets = Array.ConvertAll(loops, l => l.Transports);
        List<ListeningFault> faults = [.. options.Faults];
        Exception? unusual = null;
        for (int i = 0; i < options.Points.Count; i++)
        {
            try
            {
                points.Add(options.OpenPoint(sets, options.Points[i] with { Index = i }));
            }
            catch (Exception e)
            {
                // Whatever it is, it takes nothing from what the others have to say.
                faults.Add(ListeningFault.Of(options.Points[i], e));
                unusual ??= e is SocketException or IOException or TlsCredentialsException ? null : e;
            }
        }

        if (faults.Count > 0)
        {
            throw new ListeningException(faults, unusual);
        }
    }

    /// <summary>
    /// Opens the listening points, if <see cref="Open"/> has not, and starts the loops' threads. Loops of
    /// <see cref="SipStackOptions.CreateLoop"/> have none: whoever made them runs their turns.
    /// </summary>
    public void Start()
    {
        if (points.Count == 0)
        {
            Open();
        }

        if (options.CreateLoop is not null)
        {
            return;
        }

        started = true;
        foreach (SipLoop loop in loops)
        {
            loop.EventLoop.Start();
        }
    }

    /// <summary>Stops the loops and closes the transports. What lives on the loops is dropped: end calls before.</summary>
    public async Task StopAsync()
    {
        if (stopped)
        {
            return;
        }

        stopped = true;
        foreach (SipLoop loop in loops)
        {
            if (started)
            {
                await loop.EventLoop.StopAsync();
            }

            loop.Transports.Close();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        foreach (SipLoop loop in loops)
        {
            loop.EventLoop.Dispose();
        }
    }
}
