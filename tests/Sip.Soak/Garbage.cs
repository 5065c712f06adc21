using System.Net;
using System.Text;
using Sip.Fuzz;

namespace Sip.Soak;

/// <summary>An endless supply of messages, most of them damaged, for one thread.</summary>
internal sealed class Garbage
{
    private static readonly byte[] Placeholder = "@@@@@@@@"u8.ToArray();
    private readonly List<byte[]> corpus;
    private readonly Mutator mutator;

    public Garbage(int seed)
    {
        Random = new Random(seed);
        corpus = [.. Corpus.Load(Path.Combine(AppContext.BaseDirectory, "Data"))];
        byte[][] own = [.. GoodMessages.Templates()];

        // As many of ours as of the RFCs', which the server mostly has no use for.
        for (int i = corpus.Count / own.Length; i >= 0; i--)
        {
            corpus.AddRange(own);
        }

        mutator = new Mutator(corpus, seed);
    }

    public Random Random { get; }

    /// <summary>An address that connections and datagrams may come from.</summary>
    public IPAddress Source() => new([127, 31, (byte)Random.Next(200), (byte)Random.Next(1, 255)]);

    /// <summary>The next message: one in eight is whole.</summary>
    public byte[] Next()
    {
        byte[] message = Random.Next(8) == 0 ? [.. corpus[Random.Next(corpus.Count)]] : mutator.Next();
        byte[] unique = Encoding.ASCII.GetBytes(Random.Next().ToString("x8", System.Globalization.CultureInfo.InvariantCulture));
        for (int at; (at = message.AsSpan().IndexOf(Placeholder)) >= 0;)
        {
            unique.CopyTo(message, at);
        }

        return message;
    }

    /// <summary>Some octets without any sense.</summary>
    public byte[] Noise(int most)
    {
        byte[] octets = new byte[1 + Random.Next(most)];
        Random.NextBytes(octets);
        return octets;
    }
}
