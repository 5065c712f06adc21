namespace Sip.B2bua;

/// <summary>Finds the name that was probably meant.</summary>
public static class NearestName
{
    /// <summary>The nearest of <paramref name="names"/> by edit distance, or null when none is near enough to be a slip of the hand.</summary>
    /// <param name="written">What was written.</param>
    /// <param name="names">What may be written.</param>
    public static string? Of(string written, IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(written);
        ArgumentNullException.ThrowIfNull(names);
        string? best = null;
        var bestDistance = Math.Max(2, written.Length / 3) + 1;
        foreach (var name in names)
        {
            var distance = Distance(written, name, bestDistance);
            // Two edits make any two-letter word out of another: something must be left of what was written.
            if (distance < bestDistance && distance < Math.Max(written.Length, name.Length) - 1)
            {
                best = name;
                bestDistance = distance;
            }
        }

        return best;
    }

    /// <summary>Insertions, deletions, replacements and swaps of neighbours, without regard to case.</summary>
    private static int Distance(string a, string b, int limit)
    {
        if (Math.Abs(a.Length - b.Length) >= limit)
        {
            return limit;
        }

        var table = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                table[i, j] = i == 0 || j == 0 ? i + j : Step(table, a, b, i, j);
            }
        }

        return table[a.Length, b.Length];
    }

    private static int Step(int[,] table, string a, string b, int i, int j)
    {
        var same = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]);
        var least = Math.Min(Math.Min(table[i - 1, j], table[i, j - 1]) + 1, table[i - 1, j - 1] + (same ? 0 : 1));
        var swapped = i > 1 && j > 1
            && char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 2])
            && char.ToLowerInvariant(a[i - 2]) == char.ToLowerInvariant(b[j - 1]);
        return swapped ? Math.Min(least, table[i - 2, j - 2] + 1) : least;
    }
}
