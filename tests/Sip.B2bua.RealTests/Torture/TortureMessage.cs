using System.Text;
using System.Text.RegularExpressions;

namespace Sip.B2bua.RealTests.Torture;

/// <summary>One of the messages of RFC 4475 and RFC 5118, and what a server may answer to it.</summary>
/// <param name="Name">The file.</param>
/// <param name="Text">The message; each character is an octet.</param>
/// <param name="OverUdp">Expression over the outcome of a datagram.</param>
/// <param name="OverTcp">Expression over the outcome on a connection.</param>
internal sealed partial record TortureMessage(string Name, string Text, string OverUdp, string OverTcp)
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "torture");

    /// <summary>Reads all of them, with their verdicts.</summary>
    public static IReadOnlyList<TortureMessage> ReadAll()
    {
        var verdicts = File.ReadLines(Path.Combine(Folder, "verdicts.tsv"))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split('\t', StringSplitOptions.RemoveEmptyEntries))
            .ToDictionary(words => words[0], words => (Udp: words[1], Tcp: words.Length > 2 ? words[2] : words[1]));
        return [.. Directory.EnumerateFiles(Folder, "*.dat", SearchOption.AllDirectories)
            .Where(path => !path.Contains("archive-lf", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(path => (Name: Path.GetFileName(path), Text: File.ReadAllText(path, Encoding.Latin1)))
            .Select(file => new TortureMessage(file.Name, file.Text, verdicts[file.Name].Udp, verdicts[file.Name].Tcp))];
    }

    /// <summary>The octets to send: the topmost Via says where we are, for those in the files lead nowhere.</summary>
    public byte[] OctetsFrom(string address, int port) =>
        Encoding.Latin1.GetBytes(TopVia().Replace(Text, match => $"{match.Groups[1].Value}{address}:{port};rport", 1));

    [GeneratedRegex(@"(^v(?:ia)?[ \t]*:\s*SIP\s*/\s*[\d.]+\s*/\s*\w+\s+)[^\s;,]+", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex TopVia();
}
