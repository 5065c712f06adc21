using Sip.B2bua.Plugins.MediaRelay;

namespace Sip.B2bua.FunctionalTests;

/// <summary>
/// Whether the phones of a <see cref="ModelWorld"/> agree: each that talks is told the place of just one other, which is told its place,
/// and either knows of each stream whether the other sends it, and in which formats. With a relay the place is a port of it that leads to the other.
/// </summary>
/// <param name="world">The phones.</param>
/// <param name="relay">The relay; null: the phones hear each other without one.</param>
internal sealed class ModelAgreement(ModelWorld world, RelayEngine? relay)
{
    private readonly ModelCall[] talking = [.. world.Calls.Where(call => call.IsUp)];
    private readonly Dictionary<int, SourcePolicy> ways = relay is null ? [] : RelayWays.Of(relay);

    /// <summary>The calls that are up, in pairs of those that talk to each other.</summary>
    public List<(ModelCall One, ModelCall Other)> Expect()
    {
        List<(ModelCall, ModelCall)> pairs = [];
        foreach (ModelCall one in talking)
        {
            ModelCall other = Partner(one);
            Assert.True(Partner(other) == one, $"{one} talks to {other}, which talks to {Partner(other)}");
            ExpectAgreement(one, other);
            if (one.Port < other.Port)
            {
                pairs.Add((one, other));
            }
        }

        return pairs;
    }

    private ModelCall Partner(ModelCall call)
    {
        int place = Place(call.Remote, 0);
        return Array.Find(talking, other => other != call && other.Port == place)
            ?? throw new Xunit.Sdk.XunitException($"{call} talks to {place}, where nobody is; {string.Join(", ", talking.AsEnumerable())} talk");
    }

    private void ExpectAgreement(ModelCall one, ModelCall other)
    {
        for (int line = 0; line < Math.Max(HeardSession.MediaLines(one.Local).Length, HeardSession.MediaLines(other.Local).Length); line++)
        {
            bool isSent = ModelSession.MaySend(one.Local, line) && ModelSession.MayHear(one.Remote, line);
            bool isHeard = ModelSession.MayHear(other.Local, line) && ModelSession.MaySend(other.Remote, line);
            Assert.True(isSent == isHeard, $"stream {line} of {one} is {(isSent ? "" : "not ")}sent, and {other} hears {(isHeard ? "it" : "nothing")}");
            if (isSent)
            {
                Assert.Equal((one, other, line, ModelSession.PortOf(other.Local, line)), (one, other, line, Place(one.Remote, line)));
                string[] sent = [.. FormatsOf(one.Local, line).Intersect(FormatsOf(one.Remote, line))];
                Assert.True(relay is not null || !sent.Except(FormatsOf(other.Local, line)).Any(), $"{one} may send stream {line} as {string.Join(' ', sent)}, and {other} takes {string.Join(' ', FormatsOf(other.Local, line))}");
                Assert.True(relay is null || ways[ModelSession.PortOf(one.Remote, line)].Receives, $"the relay keeps stream {line} of {one} from {other}");
            }
        }
    }

    private static string[] FormatsOf(string sdp, int line) => HeardSession.FormatsOf(HeardSession.MediaLines(sdp)[line]);

    // Where a stream that a phone is told of leads in the end.
    private int Place(string remote, int line)
    {
        int port = ModelSession.PortOf(remote, line);
        return relay is null ? port : ways.GetValueOrDefault(port)?.Described.ToEndPoint()?.Port ?? 0;
    }
}
