namespace Sip.B2bua.FunctionalTests;

/// <summary>What a <see cref="ModelPhone"/> says of its session.</summary>
/// <param name="phone">The phone.</param>
/// <param name="random">Decides what it likes and wants.</param>
internal sealed class ModelSession(TestPhone phone, Random random)
{
    private readonly List<string> streams = ["m=audio"];
    private readonly bool likesVideo = random.Next(2) == 0;
    private string said = "";
    private int version;

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
        Say(streams.Select((stream, i) => stream == "m=video" ? $"{stream} {(dropsVideo ? 0 : Port + 2)} RTP/AVP 96\r\na=rtpmap:96 VP8/90000" : $"{stream} {Port} RTP/AVP 0\r\na={direction}"));

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
            : $"m=audio {Port} RTP/AVP 0\r\na={direction}"));
    }

    private int Port => phone.MediaPort() + (10 * (phone.Host[^1] - '0'));

    private string Say(IEnumerable<string> media)
    {
        string text = string.Join("\r\n", media);
        version += text == said ? 0 : 1;
        said = text;
        return TestSdp.Of(version, text);
    }
}
