namespace Sip.B2bua.TestKit;

/// <summary>Session descriptions for tests.</summary>
public static class TestSdp
{
    /// <summary>An audio session.</summary>
    /// <param name="port">Where it wants its media.</param>
    /// <param name="direction">sendrecv, sendonly, recvonly or inactive.</param>
    /// <param name="version">The version of the session.</param>
    /// <param name="address">The address of the media.</param>
    public static string Audio(int port = 4000, string direction = "sendrecv", int version = 1, string address = "10.1.2.3") =>
        $"v=0\r\no=- 7 {version} IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\nm=audio {port} RTP/AVP 0 101\r\n"
        + $"a=rtpmap:101 telephone-event/8000\r\na={direction}\r\n";

    /// <summary>A session of these media.</summary>
    /// <param name="version">The version of the session.</param>
    /// <param name="lines">The lines of the media, the m= lines included.</param>
    public static string Of(int version, params IEnumerable<string> lines) =>
        $"v=0\r\no=- 7 {version} IN IP4 10.1.2.3\r\ns=-\r\nc=IN IP4 10.1.2.3\r\nt=0 0\r\n{string.Join("\r\n", lines)}\r\n";
}
