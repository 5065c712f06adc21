using System.Globalization;

namespace Sip.B2bua.FunctionalTests;

/// <summary>The session descriptions that one phone was sent in one dialog.</summary>
internal static class HeardSession
{
    /// <summary>
    /// RFC 3264 8: in each dialog of a phone there is one session. Its o= line stays but for the version, which grows by one when, and only
    /// when, something else changes; and a media line that was there once never goes away.
    /// </summary>
    public static void HasOneSessionInEachDialog(this TestPhone phone)
    {
        foreach (IGrouping<string, TestMessage> dialog in phone.Received
            .Where(message => message.Body.StartsWith("v=0", StringComparison.Ordinal))
            .DistinctBy(message => message.Text)
            .GroupBy(message => message.CallId + (message.IsRequest ? message.FromTag : message.ToTag)))
        {
            string? before = null;
            foreach (string sdp in dialog.Select(message => message.Body))
            {
                if (before is not null)
                {
                    ExpectNext(before, sdp);
                }

                before = sdp;
            }
        }
    }

    /// <summary>
    /// What a phone was sent, in whatever order it came: in each dialog no number of a session stands for two (RFC 3264 8), and none of a
    /// request either (RFC 3261 12.2.1.1).
    /// </summary>
    public static void HearsNothingTwice(this TestPhone phone)
    {
        foreach (IGrouping<string, TestMessage> dialog in phone.Received.DistinctBy(message => message.Text)
            .GroupBy(message => message.CallId + (message.IsRequest ? message.FromTag : message.ToTag)))
        {
            foreach (var number in dialog.Where(message => message.IsRequest && message.Method is not ("ACK" or "CANCEL")).GroupBy(message => message.CSeq))
            {
                Assert.Single(number);
            }

            foreach (var version in dialog.Where(message => message.Body.StartsWith("v=0", StringComparison.Ordinal)).Select(message => Split(message.Body)).GroupBy(said => said.Version))
            {
                Assert.Single(version.Select(said => said.Session + said.Others).Distinct());
            }
        }
    }

    /// <summary>An offer and its answer but for their numbers: after an offer that it has refused the server counts by itself.</summary>
    public static (string Offer, string Answer) WithoutVersions((string Offer, string Answer) change) =>
        (WithoutVersion(change.Offer), WithoutVersion(change.Answer));

    /// <summary>The media lines of a description, without <c>m=</c>.</summary>
    public static string[] MediaLines(string sdp) =>
        [.. sdp.Split("\r\n").Where(line => line.StartsWith("m=", StringComparison.Ordinal)).Select(line => line[2..])];

    /// <summary>The formats of a media line.</summary>
    public static string[] FormatsOf(string mediaLine) => mediaLine.Split(' ')[3..];

    /// <summary>The port of a media line.</summary>
    public static int PortOf(string mediaLine) => int.Parse(mediaLine.Split(' ')[1], CultureInfo.InvariantCulture);

    /// <summary>A media line without its port: what a relay leaves as it is.</summary>
    public static string WithoutPort(string mediaLine)
    {
        string[] words = mediaLine.Split(' ', 3);
        return $"{words[0]} {words[2]}";
    }

    private static string WithoutVersion(string sdp)
    {
        (string session, _, string others) = Split(sdp);
        return $"{session}\n{others}";
    }

    private static void ExpectNext(string before, string sdp)
    {
        (string Session, long Version, string Others) last = Split(before);
        (string Session, long Version, string Others) next = Split(sdp);
        Assert.Equal(last.Session, next.Session);
        Assert.Equal(last.Others == next.Others ? last.Version : last.Version + 1, next.Version);
        Assert.True(MediaLines(sdp).Length >= MediaLines(before).Length, $"{before}\nwas followed by\n{sdp}");
    }

    // RFC 8866 5.2: o=<username> <sess-id> <sess-version> <nettype> <addrtype> <unicast-address>
    private static (string Session, long Version, string Others) Split(string sdp)
    {
        string[] lines = sdp.Split("\r\n");
        string[] origin = lines[1].Split(' ');
        Assert.StartsWith("o=", lines[1], StringComparison.Ordinal);
        return (string.Join(' ', origin.Where((_, i) => i != 2)), long.Parse(origin[2], CultureInfo.InvariantCulture), string.Join('\n', lines.Where((_, i) => i != 1)));
    }
}
