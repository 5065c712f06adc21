using Sip.Messages;
using Sip.Transports;

namespace Sip.B2bua;

/// <summary>
/// One request outside any dialog on its way through the modules. They fill or narrow <see cref="Targets"/>, or answer.
/// Made by the host; lives until the request is answered.
/// </summary>
public abstract class RequestContext
{
    /// <summary>The request; valid as long as this context is.</summary>
    public abstract SipMessage Request { get; }

    /// <summary>The flow that the request came by.</summary>
    public abstract ref readonly Flow Flow { get; }

    /// <summary>
    /// The domains that the sender's certificate stands for (RFC 5922 7.1), where it came by TLS with one that was verified; else none.
    /// </summary>
    public IReadOnlyList<string> PeerIdentities => Flow.Connection?.PeerIdentities ?? [];

    /// <summary>All that this certificate names, as it stands there: URIs, domains, addresses, and the common name.</summary>
    public IReadOnlyList<string> PeerSubjects => Flow.Connection?.PeerSubjects ?? [];

    /// <summary>The loop it lives on.</summary>
    public abstract EventLoop Loop { get; }

    /// <summary>Where the request may go; the last module leaves what is to be tried.</summary>
    public List<Target> Targets { get; } = [];

    /// <summary>How the targets are to be tried; null: by <see cref="ForkRules.Default"/>.</summary>
    public ForkRules? Fork { get; set; }

    /// <summary>The address-of-record that was proven to be the sender's (<c>user@host</c>), or null.</summary>
    public string? Identity { get; set; }

    /// <summary>The realm by which the sender's credentials for this server were asked for, or null: they are for nobody else.</summary>
    public string? OwnRealm { get; set; }

    /// <summary>
    /// The address-of-record (<c>user@host</c>) of a user of ours whom the request is for, where a module knows better than the
    /// Request-URI; null: as the Request-URI says.
    /// </summary>
    public string? Called { get; set; }

    /// <summary>The name of the peer (a trunk, say) that sent the request, by which settings for it are found; null: none.</summary>
    public string? Peer { get; set; }

    /// <summary>True when the sender is trusted by address: no challenge, and what it asserts of identities is believed.</summary>
    public bool IsTrusted { get; set; }

    /// <summary>For a MESSAGE: how it is delivered to devices that are not there; null: to those that are there only.</summary>
    public LateDelivery? LateDelivery { get; set; }

    /// <summary>Who decided what, and why.</summary>
    public DecisionTrail Trail => trail ??= new();

    /// <summary>True once a final response was sent, or the sender has cancelled: look again after every await.</summary>
    public abstract bool IsOver { get; }

    /// <summary>Whether the request meets a condition of the configuration file.</summary>
    /// <param name="condition">The value of a setting.</param>
    public abstract bool Meets(BooleanExpression condition);

    /// <summary>
    /// Answers the request. Before anything has been kept of it the answer is sent without a transaction, so a challenge
    /// leaves no state behind (RFC 3261 §8.2.7). Does nothing when <see cref="IsOver"/>.
    /// </summary>
    /// <param name="code">The status code, 200 to 699.</param>
    /// <param name="reason">The reason phrase; null: the code's own.</param>
    /// <param name="headers">Writes further headers; null: none.</param>
    /// <param name="state">Passed to <paramref name="headers"/>.</param>
    public abstract void Respond(int code, string? reason = null, HeaderWriter? headers = null, object? state = null);

    /// <summary>Drops the request without an answer.</summary>
    public abstract void Drop();

    // Made when there is something to say: a request that is only asked for credentials has none.
    private DecisionTrail? trail;
}
