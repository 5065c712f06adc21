using Sip.Headers;

namespace Sip.Tests.Headers;

public sealed class KeyedHashTests
{
    [Fact]
    public void The_same_pieces_hash_alike_and_any_change_of_piece_border_or_key_shows()
    {
        Assert.Equal(Hash(1, "abc", "defghijkl"), Hash(1, "abc", "defghijkl"));
        Assert.NotEqual(Hash(1, "abc", "defghijkl"), Hash(1, "abcd", "efghijkl"));
        Assert.NotEqual(Hash(1, "abc", ""), Hash(1, "", "abc"));
        Assert.NotEqual(Hash(1, "abc"), Hash(1, "abc\0"));
        Assert.NotEqual(Hash(1, "abc"), Hash(2, "abc"));
        Assert.NotEqual(Hash(1, "12345678a"), Hash(1, "12345678b"));
    }

    [Fact]
    public void Buckets_fill_evenly()
    {
        int[] buckets = new int[64];
        for (int i = 0; i < 6400; i++)
        {
            buckets[(int)(Hash(9, $"z9hG4bK{i}").Low % 64)]++;
        }

        Assert.All(buckets, b => Assert.InRange(b, 50, 170));
    }

    private static HashValue Hash(ulong key, params string[] pieces)
    {
        KeyedHash hash = new(key, 0);
        foreach (string piece in pieces)
        {
            hash.Add(System.Text.Encoding.ASCII.GetBytes(piece));
        }

        return hash.Finish();
    }
}
