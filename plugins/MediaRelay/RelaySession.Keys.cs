namespace Sip.B2bua.Plugins.MediaRelay;

/// <content>Keys that become, or come of, telephone events in the RTP.</content>
internal sealed partial class RelaySession
{
    /// <summary>Sends a key to a party in its RTP; false when it takes none there.</summary>
    public static bool TryPlay(RelayLeg to, DtmfTone tone)
    {
        foreach (RelayChannel? channel in to.Channels)
        {
            if (channel?.Dtmf is { } stream && stream.Play(tone))
            {
                return true;
            }
        }

        return false;
    }

    private void ConvertKeys(RelayLeg leg, RelayChannel channel, DtmfFormat? format)
    {
        if (channel.Dtmf is null && format is not null)
        {
            channel.Dtmf = new DtmfStream(channel.Rtp, thread, engine.Time, leg.Keys, tone => engine.ToneHeard?.Invoke(this, leg, tone));
        }

        if (channel.Dtmf is { } stream)
        {
            stream.Format = format;
        }
    }
}
