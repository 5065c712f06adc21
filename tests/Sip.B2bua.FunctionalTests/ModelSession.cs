namespace Sip.B2bua.FunctionalTests;

/// <summary>What a phone says of the session of a <see cref="ModelCall"/>.</summary>
/// <param name="port">Where it wants its audio: no two calls want it at the same port.</param>
/// <param name="random">Decides what it likes and wants.</param>
internal sealed class ModelSession(int port, Random random)
{
    private readonly List<string> streams = ["m=audio"];
    private readonly bool likesVideo = random.Next(2) == 0;
    private readonly string[] formats = random.Next(2) == 0 ? ["0"] : ["0", "8"];
    private string said = "";
    private int version;

    /// <summary>Where it wants its audio.</summary>
    public int Port => port;

    /// <summary>The description in a few words.</summary>
    public static string Short(string sdp) =>
        sdp.StartsWith("v=0", StringComparison.Ordinal) ? $"[{sdp.Split("\r\n")[1].Split(' ')[2]}: {string.Join(" / ", HeardSession.MediaLines(sdp))} {sdp.Split("\r\n").FirstOrDefault(line => line is "a=sendonly" or "a=recvonly" or "a=inactive")}]" : "";

    /// <summary>The port of a stream; 0: there is none.</summary>
    public static int PortOf(string sdp, int line) =>
        HeardSession.MediaLines(sdp) is var lines && line < lines.Length ? HeardSession.PortOf(lines[line]) : 0;

    /// <summary>Whether who says this may send a stream.</summary>
    public static bool MaySend(string sdp, int line) => DirectionOf(sdp, line) is "sendrecv" or "sendonly";

    /// <summary>Whether who says this hears a stream.</summary>
    public static bool MayHear(string sdp, int line) => DirectionOf(sdp, line) is "sendrecv" or "recvonly";

    /// <summary>An offer that changes something, or perhaps nothing.</summary>
    public string Change()
    {
        int what = random.Next(6);
        if (what == 0 && likesVideo && !streams.Contains("m=video"))
        {
            streams.Add("m=video");
        }

        return Describe(what switch { 1 => "sendonly", 2 => "inactive", _ => "sendrecv" }, dropsVideo: what == 3);
    }

    /// <summary>An offer. RFC 3264 5, 8: a stream that was there once stays, be it with port 0.</summary>
    /// <param name="direction">The direction of the audio.</param>
    /// <param name="dropsVideo">Whether it does without video.</param>
    public string Describe(string direction, bool dropsVideo = false) =>
        Say(streams.Select((stream, i) => stream == "m=video" ? $"{stream} {(dropsVideo ? 0 : Port + 2)} RTP/AVP 96\r\na=rtpmap:96 VP8/90000" : $"{stream} {Port} RTP/AVP {string.Join(' ', formats)}\r\na={direction}"));

    /// <summary>An answer (RFC 3264 6).</summary>
    public string Answer(string offer)
    {
        string[] lines = HeardSession.MediaLines(offer);
        for (int i = streams.Count; i < lines.Length; i++)
        {
            streams.Add("m=" + lines[i].Split(' ')[0]);
        }

        string direction = offer.Contains("a=sendonly", StringComparison.Ordinal) ? "recvonly"
            : offer.Contains("a=recvonly", StringComparison.Ordinal) ? "sendonly"
            : offer.Contains("a=inactive", StringComparison.Ordinal) ? "inactive" : "sendrecv";
        return Say(lines.Select(line => line.StartsWith("video", StringComparison.Ordinal)
            ? $"m=video {(HeardSession.PortOf(line) == 0 || !likesVideo ? 0 : Port + 2)} RTP/AVP 96\r\na=rtpmap:96 VP8/90000"
            : $"m=audio {Port} RTP/AVP {string.Join(' ', HeardSession.FormatsOf(line).Intersect(formats))}\r\na={direction}"));
    }

    // RFC 8866 6.7: sendrecv, unless something else is said.
    private static string DirectionOf(string sdp, int line)
    {
        if (PortOf(sdp, line) == 0)
        {
            return "inactive";
        }

        string[] section = sdp.Split("\r\nm=")[line + 1].Split("\r\n");
        return section.FirstOrDefault(said => said is "a=sendonly" or "a=recvonly" or "a=inactive")?[2..] ?? "sendrecv";
    }

    private string Say(IEnumerable<string> media)
    {
        string text = string.Join("\r\n", media);
        version += text == said ? 0 : 1;
        said = text;
        return TestSdp.Of(version, text);
    }
}
