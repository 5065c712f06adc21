namespace Sip.B2bua.Plugins.MediaRelay;

/// <summary>
/// The even ports that RTP may use, each with the odd one above it for RTCP (RFC 3550 section 11), handed out in random order
/// so that a port just freed rarely comes back while the last call's packets still arrive. Safe to use from any thread.
/// </summary>
internal sealed class PortPool
{
    private readonly Lock gate = new();
    private readonly Random random;
    private readonly ushort[] free;
    private readonly bool[] used = new bool[65536];
    private int freeCount;

    /// <summary>Takes the pairs wholly inside the range: an odd minimum is raised, an even maximum lowered.</summary>
    public PortPool(int minimum, int maximum, Random? random = null)
    {
        int first = (int.Max(minimum, 2) + 1) & ~1;
        int pairs = int.Max(0, (int.Min(maximum, ushort.MaxValue) - first + 1) / 2);
        this.random = random ?? new Random();
        free = new ushort[pairs];
        for (int i = 0; i < pairs; i++)
        {
            free[i] = (ushort)(first + (2 * i));
        }

        freeCount = pairs;
    }

    /// <summary>How many pairs there are.</summary>
    public int Capacity => free.Length;

    /// <summary>How many pairs are handed out.</summary>
    public int InUse
    {
        get
        {
            lock (gate)
            {
                return free.Length - freeCount;
            }
        }
    }

    /// <summary>Hands out a pair by its even port; false when none is left.</summary>
    public bool TryTake(out int port)
    {
        lock (gate)
        {
            if (freeCount == 0)
            {
                port = 0;
                return false;
            }

            int index = random.Next(freeCount);
            port = free[index];
            free[index] = free[--freeCount];
            used[port] = true;
            return true;
        }
    }

    /// <summary>Takes a pair back.</summary>
    public void Return(int port)
    {
        lock (gate)
        {
            if (used[port])
            {
                used[port] = false;
                free[freeCount++] = (ushort)port;
            }
        }
    }

    /// <summary>Whether this port, even or odd, belongs to a pair handed out.</summary>
    public bool Holds(int port) => Volatile.Read(ref used[port & 0xFFFE]);
}
