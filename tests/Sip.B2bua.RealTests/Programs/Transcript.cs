using System.Text;

namespace Sip.B2bua.RealTests.Programs;

/// <summary>What a program has printed so far.</summary>
internal sealed class Transcript
{
    private readonly StringBuilder text = new();
    private readonly Lock gate = new();

    /// <summary>All of it.</summary>
    public string Text
    {
        get
        {
            lock (gate)
            {
                return text.ToString();
            }
        }
    }

    /// <summary>Its last lines, for a failed test.</summary>
    public string Tail(int characters = 6000)
    {
        string all = Text;
        return all.Length <= characters ? all : all[^characters..];
    }

    /// <summary>Whether it contains the words.</summary>
    public bool Has(string words) => Text.Contains(words, StringComparison.Ordinal);

    /// <summary>Reads a program's output to its end.</summary>
    public async Task ReadAsync(StreamReader reader)
    {
        char[] chunk = new char[4096];
        int count;
        while ((count = await reader.ReadAsync(chunk)) > 0)
        {
            lock (gate)
            {
                text.Append(chunk, 0, count);
            }
        }
    }
}
