using Sip.Headers;
using Sip.Messages;

namespace Sip.Transactions;

/// <summary>
/// What was answered in the last 64*T1 and may come again, and nobody but us still cares for: requests (timers J and L) and the 2xx of
/// our INVITEs (timer M). All are remembered for the same time, so they are forgotten in the order in which they came, and a busy server
/// keeps a few hundred octets of each in a few arrays, not the transactions themselves.
/// </summary>
internal sealed class AnsweredMessages : ITimerOwner
{
    // 256 records and 64 KB.
    private const int RecordBits = 8;
    private const int OctetBits = 16;

    private const int FewestBuckets = 256;

    // They are forgotten this much together, so that a busy loop does not look for the next one every millisecond.
    private const int Pause = 250;

    // A longer answer stays with its transaction.
    private const int MaxLength = 4096;

    private readonly ChunkedRing<AnsweredMessage> records = new(RecordBits);
    private readonly ChunkedRing<byte> octets = new(OctetBits);
    private readonly TimerQueue timers;
    private readonly LoopTimer forget;
    private readonly int lifetime;
    private int origins;

    // The newest place of each bucket, plus one. Its chain leads to ever older ones, so the first that is forgotten already ends it.
    private long[] newest = new long[FewestBuckets];

    /// <summary>Makes an empty memory.</summary>
    /// <param name="timers">The loop's timers.</param>
    /// <param name="lifetime">For how many milliseconds a message is remembered.</param>
    public AnsweredMessages(TimerQueue timers, int lifetime)
    {
        this.timers = timers;
        this.lifetime = lifetime;
        forget = new LoopTimer(this, 0);
    }

    /// <summary>How many are remembered.</summary>
    public int Count => All - origins;

    private int All => (int)(records.End - records.First);

    /// <summary>Whether an answer can be remembered here.</summary>
    public static bool Takes(int tagLength, int answerLength) => tagLength + answerLength <= MaxLength;

    /// <summary>Remembers one.</summary>
    /// <param name="message">What is known of it; the places of the octets are filled in here.</param>
    /// <param name="tag">The To tag of the answer.</param>
    /// <param name="answer">What a repetition is answered with; empty: nothing.</param>
    public void Add(AnsweredMessage message, ReadOnlySpan<byte> tag, ReadOnlySpan<byte> answer)
    {
        if (All * 2 >= newest.Length)
        {
            Grow();
        }

        message.Octets = octets.Take(tag.Length + answer.Length);
        message.TagLength = tag.Length;
        message.AnswerLength = answer.Length;
        message.DueAt = timers.Now + lifetime;
        Span<byte> kept = octets[message.Octets, tag.Length + answer.Length];
        tag.CopyTo(kept);
        answer.CopyTo(kept[tag.Length..]);
        long place = records.Take(1);
        records[place, 1][0] = message;
        Link(place);
        if (!forget.IsSet)
        {
            timers.Set(forget, lifetime);
        }
    }

    /// <summary>Remembers where a request came from, that it can be told from the same one by another path (8.2.2.2).</summary>
    /// <param name="origin">The hash of that.</param>
    public void AddOrigin(HashValue origin)
    {
        Add(new AnsweredMessage { Key = origin, IsOrigin = true }, default, default);
        origins++;
    }

    /// <summary>Finds the message with a key and a method; its place, or -1.</summary>
    public long Find(HashValue key, SipMethod method)
    {
        long place = FirstOf(key);
        while (place >= 0 && (At(place).IsOrigin || At(place).Method != method))
        {
            place = Next(place, key);
        }

        return place;
    }

    /// <summary>9.2: finds the request that a CANCEL of this key would cancel; its place, or -1.</summary>
    public long FindCancelled(HashValue key)
    {
        long place = FirstOf(key);
        while (place >= 0 && (At(place).IsOrigin || At(place).Method == SipMethod.Cancel))
        {
            place = Next(place, key);
        }

        return place;
    }

    /// <summary>Whether a request of this origin was answered.</summary>
    public bool HasOrigin(HashValue origin)
    {
        long place = FirstOf(origin);
        while (place >= 0 && !At(place).IsOrigin)
        {
            place = Next(place, origin);
        }

        return place >= 0;
    }

    /// <summary>The one at a place.</summary>
    public ref AnsweredMessage At(long place) => ref records[place, 1][0];

    /// <summary>The To tag of the answer.</summary>
    public ReadOnlySpan<byte> TagOf(in AnsweredMessage message) => octets[message.Octets, message.TagLength];

    /// <summary>The answer.</summary>
    public ReadOnlySpan<byte> AnswerOf(in AnsweredMessage message) => octets[message.Octets, message.TagLength + message.AnswerLength][message.TagLength..];

    /// <summary>Leaves memory that is not in use to the collector, after a burst that is over.</summary>
    public void Trim()
    {
        records.Trim();
        octets.Trim();
        newest = All == 0 ? new long[FewestBuckets] : newest;
    }

    /// <inheritdoc/>
    public void OnTimer(LoopTimer timer)
    {
        while (All > 0 && At(records.First).DueAt <= timers.Now)
        {
            origins -= At(records.First).IsOrigin ? 1 : 0;
            At(records.First) = default; // a connection is not kept for it
            records.ReleaseTo(records.First + 1);
        }

        octets.ReleaseTo(All > 0 ? At(records.First).Octets : octets.End);
        if (All > 0)
        {
            timers.Set(forget, (int)Math.Max(At(records.First).DueAt - timers.Now, Pause));
        }
    }

    private long FirstOf(HashValue key) => NewestOf(newest[BucketOf(key)] - 1, key);

    private long Next(long place, HashValue key) => NewestOf(At(place).Before - 1, key);

    // The newest at or before a place that has the key, or -1.
    private long NewestOf(long place, HashValue key)
    {
        while (place >= records.First && At(place).Key != key)
        {
            place = At(place).Before - 1;
        }

        return place >= records.First ? place : -1;
    }

    private int BucketOf(HashValue key) => (int)(key.Low & (uint)(newest.Length - 1));

    private void Link(long place)
    {
        ref AnsweredMessage message = ref At(place);
        ref long head = ref newest[BucketOf(message.Key)];
        message.Before = head;
        head = place + 1;
    }

    private void Grow()
    {
        newest = new long[newest.Length * 2];
        for (long place = records.First; place < records.End; place++)
        {
            Link(place);
        }
    }
}
