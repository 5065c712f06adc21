using Sip.Transports;

namespace Sip.B2bua.Plugins.Trunks;

/// <summary>A trunk at work: its servers, and how many calls it has. Any loop may ask.</summary>
internal sealed class Trunk
{
    private int calls;

    public Trunk(TrunkSettings settings, AddressList sources, Func<Trunk, string, TrunkPeer> makePeer)
    {
        Settings = settings;
        Sources = sources;
        Peers = [.. settings.Peers.Select(uri => makePeer(this, uri))];
    }

    /// <summary>What the file says of it.</summary>
    public TrunkSettings Settings { get; }

    /// <summary>Where its calls come from.</summary>
    public AddressList Sources { get; }

    /// <summary>Its servers, best first.</summary>
    public IReadOnlyList<TrunkPeer> Peers { get; }

    /// <summary>How many calls it has.</summary>
    public int Calls => Volatile.Read(ref calls);

    /// <summary>Whether another call would be one too many.</summary>
    public bool IsFull => Settings.MaxCalls > 0 && Calls >= Settings.MaxCalls;

    /// <summary>One call more; false when that is one too many.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref calls) <= Settings.MaxCalls || Settings.MaxCalls == 0)
        {
            return true;
        }

        Leave();
        return false;
    }

    /// <summary>One call less.</summary>
    public void Leave() => Interlocked.Decrement(ref calls);

    /// <summary>Whether a request from there is this trunk's.</summary>
    public bool HasSource(in SipAddress source) => Sources.Contains(source);
}
