using Sip.Transports;

namespace Sip.B2bua.Plugins.Authentication;

/// <summary>
/// Slows guesses down: counts wrong passwords in a row for each user and source address. Bounded: of two generations the older is
/// forgotten when the younger is full. Used by all loops.
/// </summary>
internal sealed class WrongPasswords
{
    private const int GenerationSize = 8192;

    private readonly Lock gate = new();
    private Dictionary<Key, Count> young = [];
    private Dictionary<Key, Count> old = [];

    /// <summary>Whether this user must wait before a password from there is looked at again.</summary>
    /// <param name="source">Where the request came from.</param>
    /// <param name="identity">Who he says he is.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    public bool IsPaused(in SipAddress source, string identity, long now)
    {
        lock (gate)
        {
            return TryFind(new Key(source.WithPort(0), identity), out Count count) && now < count.PausedUntil;
        }
    }

    /// <summary>Counts a wrong password.</summary>
    /// <param name="source">Where the request came from.</param>
    /// <param name="identity">Who he says he is.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    /// <param name="options">How many are free, and how long a pause may get.</param>
    public void Add(in SipAddress source, string identity, long now, AuthenticationOptions options)
    {
        if (options.MaxWrongPasswords == 0)
        {
            return;
        }

        lock (gate)
        {
            Key key = new(source.WithPort(0), identity);
            TryFind(key, out Count count);
            int wrong = count.Wrong + 1;
            int over = Math.Min(wrong - options.MaxWrongPasswords, 20);
            double pause = over < 0 ? 0 : Math.Min(1000L << over, options.WrongPasswordPause.TotalMilliseconds);
            if (young.Count >= GenerationSize && !young.ContainsKey(key))
            {
                (old, young) = (young, old);
                young.Clear();
            }

            young[key] = new Count(wrong, now + (long)pause);
        }
    }

    /// <summary>Forgets the wrong ones: the right password came.</summary>
    /// <param name="source">Where the request came from.</param>
    /// <param name="identity">Who he is.</param>
    public void Clear(in SipAddress source, string identity)
    {
        lock (gate)
        {
            if (young.Count + old.Count > 0)
            {
                Key key = new(source.WithPort(0), identity);
                young.Remove(key);
                old.Remove(key);
            }
        }
    }

    private bool TryFind(in Key key, out Count count) => young.TryGetValue(key, out count) || old.TryGetValue(key, out count);

    private readonly record struct Key(SipAddress Source, string Identity);

    private readonly record struct Count(int Wrong, long PausedUntil);
}
