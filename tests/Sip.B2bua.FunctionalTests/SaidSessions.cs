namespace Sip.B2bua.FunctionalTests;

/// <summary>What phones say of their sessions when they obey RFC 3264 8: the version grows by one with every change.</summary>
internal sealed class SaidSessions
{
    private readonly Dictionary<TestPhone, (int Version, string Said)> sessions = [];

    /// <summary>The next description of a phone's session.</summary>
    public string Next(TestPhone phone, params string[] media)
    {
        (int version, string said) = sessions.GetValueOrDefault(phone, (0, ""));
        string lines = string.Join("\r\n", media);
        version += lines == said ? 0 : 1;
        sessions[phone] = (version, lines);
        return TestSdp.Of(version, media);
    }

    /// <summary>The next description of a session of audio.</summary>
    /// <param name="phone">The phone.</param>
    /// <param name="direction">sendrecv, sendonly, recvonly or inactive; an address: hold as RFC 2543 had it.</param>
    public string Audio(TestPhone phone, string direction = "sendrecv")
    {
        string line = $"m=audio {phone.MediaPort()} RTP/AVP 0 101";
        return direction.Contains('.', StringComparison.Ordinal)
            ? Next(phone, line, $"c=IN IP4 {direction}", "a=sendrecv")
            : Next(phone, line, $"a={direction}");
    }
}
