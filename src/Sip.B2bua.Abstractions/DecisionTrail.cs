using System.Globalization;
using System.Text;

namespace Sip.B2bua;

/// <summary>
/// Why a request or call went the way it did: a short list of who decided what. Bounded, and cheap: no text is built unless
/// somebody reads it. No secret enters it.
/// </summary>
public sealed class DecisionTrail
{
    /// <summary>Later decisions than this are only counted.</summary>
    public const int Limit = 64;

    private Entry[] entries = [];
    private int count;
    private int left;

    /// <summary>Adds a decision.</summary>
    /// <param name="who">The module, or the part of the server.</param>
    /// <param name="format">What was decided and why; <c>{0}</c> and <c>{1}</c> stand for the arguments.</param>
    /// <param name="first">An immutable value, or null.</param>
    /// <param name="second">An immutable value, or null.</param>
    public void Add(string who, string format, object? first = null, object? second = null)
    {
        if (count == Limit)
        {
            left++;
            return;
        }

        if (count == entries.Length)
        {
            Array.Resize(ref entries, Math.Max(4, count * 2));
        }

        entries[count++] = new Entry(who, format, first, second);
    }

    /// <summary>How many decisions were added and kept.</summary>
    public int Count => count;

    /// <summary>The decisions, each as <c>who: what</c>, oldest first.</summary>
    public IEnumerable<string> Read()
    {
        for (int i = 0; i < count; i++)
        {
            Entry entry = entries[i];
            yield return entry.Who + ": " + string.Format(CultureInfo.InvariantCulture, entry.Format, entry.First, entry.Second);
        }

        if (left > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"and {left} more");
        }
    }

    /// <summary>All decisions in one line, line breaks and control characters escaped.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        foreach (string line in Read())
        {
            text.Append(text.Length > 0 ? "; " : "");
            foreach (char c in line)
            {
                text.Append(char.IsControl(c) ? ' ' : c);
            }
        }

        return text.ToString();
    }

    private readonly record struct Entry(string Who, string Format, object? First, object? Second);
}
