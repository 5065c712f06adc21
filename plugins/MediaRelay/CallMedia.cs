namespace Sip.B2bua.Plugins.MediaRelay;

/// <summary>What the module keeps for one call: the relay's session, and which of its legs belongs to which leg of the call.</summary>
internal sealed class CallMedia(RelaySession session)
{
    private readonly Dictionary<int, RelayLeg> legs = [];

    public RelaySession Session { get; } = session;

    /// <summary>Whether the call was answered: from then on a refused offer is one that changes the session.</summary>
    public bool IsAnswered { get; set; }

    /// <summary>How many branches have sent a session before their answer.</summary>
    public int EarlySessions { get; set; }

    /// <summary>Packets heard from the caller, and from everybody else, of the legs that are over.</summary>
    public long FromCaller { get; private set; }

    /// <inheritdoc cref="FromCaller"/>
    public long FromOthers { get; private set; }

    public RelayLeg? Find(ILeg leg) => legs.GetValueOrDefault(leg.Number);

    public void Add(ILeg leg, RelayLeg media) => legs[leg.Number] = media;

    /// <summary>Closes what belongs to a leg that is over, and adds its packets up.</summary>
    public void Remove(ILeg leg)
    {
        if (legs.Remove(leg.Number, out RelayLeg? media))
        {
            Add(leg.Number, RelaySession.Count(media).PacketsIn);
            Session.Remove(media);
        }
    }

    /// <summary>Closes everything.</summary>
    public void Close()
    {
        foreach ((int number, RelayLeg media) in legs)
        {
            Add(number, RelaySession.Count(media).PacketsIn);
        }

        legs.Clear();
        Session.Close();
    }

    private void Add(int number, long packets)
    {
        if (number == 0)
        {
            FromCaller += packets;
        }
        else
        {
            FromOthers += packets;
        }
    }
}
