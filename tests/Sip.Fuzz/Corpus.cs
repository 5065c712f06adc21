using System.Text;
using System.Text.Json;

namespace Sip.Fuzz;

/// <summary>The messages that mutation starts from: the torture messages and the flows of the RFCs.</summary>
public static class Corpus
{
    /// <summary>Reads every message under a data folder, always in the same order.</summary>
    public static IReadOnlyList<byte[]> Load(string folder)
    {
        List<byte[]> messages = [];
        foreach (string file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            if (file.EndsWith(".dat", StringComparison.Ordinal) || file.EndsWith(".sip", StringComparison.Ordinal))
            {
                messages.Add(File.ReadAllBytes(file));
            }
            else if (file.EndsWith(".jsonl", StringComparison.Ordinal))
            {
                messages.AddRange(File.ReadLines(file).Select(Raw));
            }
        }

        return messages;
    }

    private static byte[] Raw(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        return Encoding.UTF8.GetBytes(document.RootElement.GetProperty("raw").GetString()!);
    }
}
