using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>
/// How many branches a request may have at once, all servers on its way taken together (Max-Breadth, RFC 5393 5.3.3), and how that is
/// divided among ours. RFC 7332 6: a B2BUA that forks follows the rules of a forking proxy.
/// </summary>
/// <param name="total">What came in.</param>
/// <param name="branches">Among how many branches it is divided.</param>
internal readonly struct Breadth(int total, int branches)
{
    // 5.3.3: "with a value that is RECOMMENDED to be 60", for what is missing as for the maximum.
    private const int Default = 60;

    private readonly int each = Math.Max(1, total / Math.Max(1, branches));

    /// <summary>Whether it suffices for the branches; else the request gets 440.</summary>
    public bool Suffices => branches <= total;

    /// <summary>Reads what a request brings.</summary>
    /// <param name="request">The request.</param>
    /// <param name="branches">How many branches it is to have.</param>
    public static Breadth Of(SipMessage request, int branches)
    {
        // What cannot be read counts as missing.
        ReadOnlySpan<byte> text = request.First(HeaderId.MaxBreadth);
        return new Breadth(SipChars.TryParseUInt(text, out uint value) && !text.IsEmpty ? (int)Math.Min(value, Default) : Default, branches);
    }

    /// <summary>
    /// The share of a branch. No more goes out than came in, and where it can be divided no less (5.3.3); the first branch has what
    /// is left over. One that nobody has reckoned with may not fork any more.
    /// </summary>
    /// <param name="branch">The branch, the first being 0.</param>
    public int Share(int branch) => branch == 0 ? Math.Max(1, total - (each * (branches - 1))) : branch < branches ? each : 1;

    /// <summary>The same breadth for other branches, when those before are done.</summary>
    public Breadth Among(int others) => new(total, others);
}
