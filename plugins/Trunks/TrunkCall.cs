namespace Sip.B2bua.Plugins.Trunks;

/// <summary>What is kept for a call that a trunk takes part in: which of its places it holds.</summary>
internal sealed class TrunkCall
{
    private readonly List<(Target Target, Trunk Trunk)> outgoing = [];
    private Trunk? incoming;

    /// <summary>The call came from a trunk.</summary>
    public void HoldIncoming(Trunk trunk) => incoming = trunk;

    /// <summary>The call goes out to a target of a trunk.</summary>
    public void Hold(Target target, Trunk trunk) => outgoing.Add((target, trunk));

    /// <summary>The leg to a target is over.</summary>
    public void Release(Target target)
    {
        int at = outgoing.FindIndex(one => ReferenceEquals(one.Target, target));
        if (at >= 0)
        {
            outgoing[at].Trunk.Leave();
            outgoing.RemoveAt(at);
        }
    }

    /// <summary>The call is over.</summary>
    public void ReleaseAll()
    {
        incoming?.Leave();
        incoming = null;
        foreach ((_, Trunk trunk) in outgoing)
        {
            trunk.Leave();
        }

        outgoing.Clear();
    }
}
