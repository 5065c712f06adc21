using Sip.B2bua.Plugins.MediaRelay;

namespace Sip.B2bua.FunctionalTests;

/// <summary>Where the media relay of a server sends what comes to its ports.</summary>
internal static class RelayWays
{
    /// <summary>What the relay knows of whoever hears what is sent to a port of it: the ports that somebody hears.</summary>
    public static Dictionary<int, SourcePolicy> Of(RelayEngine relay)
    {
        Dictionary<int, SourcePolicy> ways = [];
        relay.FindIdle(long.MinValue, session =>
        {
            foreach (RelayLeg leg in session.Branches.Append(session.Front))
            {
                foreach (RelayChannel? channel in leg.Channels)
                {
                    if (channel is { Muted: false, Targets: [{ } target] })
                    {
                        ways[channel.Port] = target.Rtp.Policy;
                    }
                }
            }
        });
        return ways;
    }

    /// <summary>The port that a phone has described for what is sent to the first stream of a description of the relay; 0: nobody hears it.</summary>
    public static int LeadTo(this TestServer server, string sdp) =>
        Of(server.Find<MediaRelayModule>()!.Engine!).GetValueOrDefault(ModelSession.PortOf(sdp, 0))?.Described.ToEndPoint()?.Port ?? 0;
}
