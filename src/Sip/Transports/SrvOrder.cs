namespace Sip.Transports;

/// <summary>The order in which SRV records are tried: by priority, and by lot among equals (RFC 2782).</summary>
internal static class SrvOrder
{
    /// <summary>Puts the records into one such order.</summary>
    /// <param name="records">The records.</param>
    /// <param name="random">Draws the lots.</param>
    public static List<DnsRecord> Sort(IReadOnlyList<DnsRecord> records, Random random)
    {
        List<DnsRecord> sorted = new(records.Count);

        // "arranged in any order, except that all those with weight 0 are placed at the beginning"
        foreach (IGrouping<int, DnsRecord> equals in records.GroupBy(record => record.Priority).OrderBy(group => group.Key))
        {
            List<DnsRecord> left = [.. equals.OrderBy(record => record.Weight > 0)];
            while (left.Count > 0)
            {
                int drawn = Draw(left, random);
                sorted.Add(left[drawn]);
                left.RemoveAt(drawn);
            }
        }

        return sorted;
    }

    // "choose a uniform random number between 0 and the sum computed (inclusive), and select the RR whose running sum value is
    // the first in the selected order which is greater than or equal to the random number selected."
    private static int Draw(List<DnsRecord> records, Random random)
    {
        int sum = records.Sum(record => record.Weight);
        int number = random.Next(sum + 1);
        int running = 0;
        for (int i = 0; i < records.Count; i++)
        {
            running += records[i].Weight;
            if (running >= number)
            {
                return i;
            }
        }

        return records.Count - 1;
    }
}
