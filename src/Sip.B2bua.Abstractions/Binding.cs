using Sip.Messages;
using Sip.Transports;

namespace Sip.B2bua;

/// <summary>Where an address-of-record can be reached until it expires: what a REGISTER leaves behind (RFC 3261 §10). Immutable.</summary>
public sealed record Binding
{
    /// <summary>What stands between device and reg-id in the <see cref="UniqueId"/> of a flow.</summary>
    public const string FlowPrefix = ";reg-id=";

    /// <summary>The contact URI as the phone gave it, with its URI parameters.</summary>
    public required string Contact { get; init; }

    /// <summary>The identity of the binding: the first of the configured parameters (<c>+sip.instance</c> …), or one we made.</summary>
    public required string UniqueId { get; init; }

    /// <summary>Whether we made <see cref="UniqueId"/>, because the phone says nothing of itself: it is another one when it comes back.</summary>
    public bool IsIdMade { get; init; }

    /// <summary>When it ends, but for <see cref="MessageExpires"/>.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>
    /// Until when MESSAGE, and nothing else, may still go there after <see cref="Expires"/>: a phone that sleeps asks for it (Flexisip's Contact
    /// parameter <c>message-expires</c>). Null: no longer than anything else.
    /// </summary>
    public DateTimeOffset? MessageExpires { get; init; }

    /// <summary>When it is of no use any more: a store keeps it until then.</summary>
    public DateTimeOffset KeptUntil => MessageExpires is { } last && last > Expires ? last : Expires;

    /// <summary>When it was last made or refreshed.</summary>
    public required DateTimeOffset Updated { get; init; }

    /// <summary>Preference from 0 to 1.</summary>
    public float Q { get; init; } = 1;

    /// <summary>The Call-ID of the REGISTER that made it.</summary>
    public required string CallId { get; init; }

    /// <summary>The CSeq of the REGISTER that made it.</summary>
    public required uint CSeq { get; init; }

    /// <summary>Path values, topmost first (RFC 3327).</summary>
    public IReadOnlyList<string> Path { get; init; } = [];

    /// <summary>The flow the REGISTER came by; only good in the process that received it.</summary>
    public Flow? Flow { get; init; }

    /// <summary>Contact header parameters kept for the response, such as <c>+sip.instance="…"</c>, without q and expires.</summary>
    public string Parameters { get; init; } = "";

    /// <summary>
    /// The instance of the phone (<c>+sip.instance</c> of RFC 5626 4.1) without quotes and brackets, such as <c>urn:uuid:…</c>; empty when it
    /// gave none.
    /// </summary>
    public string InstanceId
    {
        get
        {
            const string name = ";+sip.instance=\"";
            int start = Parameters.IndexOf(name, StringComparison.OrdinalIgnoreCase);
            int end = start < 0 ? -1 : Parameters.IndexOf('"', start + name.Length);
            return end < 0 ? "" : Parameters[(start + name.Length)..end].Trim('<', '>');
        }
    }

    /// <summary>
    /// The device that it is of. One that registers by several flows (RFC 5626 §6) has a binding for each: their <see cref="UniqueId"/> differ
    /// in reg-id only.
    /// </summary>
    public string Device => FlowStart(UniqueId) is var end && end == UniqueId.Length ? UniqueId : UniqueId[..end];

    /// <summary>The phone's User-Agent, or empty.</summary>
    public string UserAgent { get; init; } = "";

    /// <summary>The target that a request to this binding goes to; the same object for as long as the binding lives and one address leads to it.</summary>
    /// <param name="addressOfRecord">The address-of-record the binding was found by.</param>
    public Target ToTarget(string addressOfRecord) => target is { } made && made.AddressOfRecord == addressOfRecord
        ? made
        : target = new Target(Contact) { Flow = Flow, Route = Path, Q = Q, AddressOfRecord = addressOfRecord, Binding = this };

    /// <summary>Whether a request may go there.</summary>
    /// <param name="method">The method of the request.</param>
    /// <param name="now">The time.</param>
    public bool Takes(SipMethod method, DateTimeOffset now) => now < (method == SipMethod.Message ? KeptUntil : Expires);

    /// <summary>Whether another binding is of the same device.</summary>
    /// <param name="other">The other binding.</param>
    public bool IsSameDevice(Binding other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return UniqueId.AsSpan(0, FlowStart(UniqueId)).SequenceEqual(other.UniqueId.AsSpan(0, FlowStart(other.UniqueId)));
    }

    private static int FlowStart(string uniqueId)
    {
        int start = uniqueId.LastIndexOf(FlowPrefix, StringComparison.Ordinal);
        return start < 0 ? uniqueId.Length : start;
    }

    private Target? target;
}
