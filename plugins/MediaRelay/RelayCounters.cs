namespace Sip.B2bua.Plugins.MediaRelay;

/// <summary>What went through one port of the relay.</summary>
/// <param name="PacketsIn">Packets of the party.</param>
/// <param name="OctetsIn">Their octets, without IP and UDP headers.</param>
/// <param name="PacketsOut">Packets sent to the party.</param>
/// <param name="OctetsOut">Their octets.</param>
/// <param name="Refused">Packets of strangers, dropped.</param>
/// <param name="Unsent">Packets for the party that had nowhere to go: on hold, not yet known, or refused by the kernel.</param>
/// <param name="FirstHeard">Milliseconds of the engine's clock at the party's first packet, or -1.</param>
internal readonly record struct RelayCounters(
    long PacketsIn, long OctetsIn, long PacketsOut, long OctetsOut, long Refused, long Unsent, long FirstHeard)
{
    public static RelayCounters operator +(RelayCounters a, RelayCounters b) => new(
        a.PacketsIn + b.PacketsIn,
        a.OctetsIn + b.OctetsIn,
        a.PacketsOut + b.PacketsOut,
        a.OctetsOut + b.OctetsOut,
        a.Refused + b.Refused,
        a.Unsent + b.Unsent,
        a.FirstHeard < 0 ? b.FirstHeard : b.FirstHeard < 0 ? a.FirstHeard : long.Min(a.FirstHeard, b.FirstHeard));
}
