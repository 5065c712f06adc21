using System.Text;
using Sip.Transports;

namespace Sip.B2bua;

/// <summary>One place to try for a request: a URI to be put in the request line and, where it is known, the way there.</summary>
public sealed class Target
{
    /// <summary>A target at <paramref name="uri"/>, reached by target resolution (RFC 3263) unless <see cref="Flow"/> is set.</summary>
    public Target(string uri)
    {
        Uri = uri;
        UriBytes = Encoding.UTF8.GetBytes(uri);
    }

    // All that a target has: who copies one must not forget what it is known by.
    private Target(Target other, string uri)
        : this(uri)
    {
        Flow = other.Flow;
        Route = other.Route;
        Headers = other.Headers;
        Peer = other.Peer;
        Identity = other.Identity;
        Credentials = other.Credentials;
        From = other.From;
        To = other.To;
        Q = other.Q;
        AddressOfRecord = other.AddressOfRecord;
        Binding = other.Binding;
        NextFlow = other.NextFlow;
    }

    /// <summary>The Request-URI of the request to this target.</summary>
    public string Uri { get; }

    /// <summary>The octets of <see cref="Uri"/>.</summary>
    public ReadOnlyMemory<byte> UriBytes { get; }

    /// <summary>The registered flow to reach it by; needs no look-up.</summary>
    public Flow? Flow { get; init; }

    /// <summary>Values for Route headers, topmost first, such as a stored Path (RFC 3327).</summary>
    public IReadOnlyList<string> Route { get; init; } = [];

    /// <summary>Headers that the INVITE to this target gets beside those that cross, such as Diversion; names and values of one line each.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>The name of the peer (a trunk, say) that this target is, by which settings for it are found; null: none.</summary>
    public string? Peer { get; init; }

    /// <summary>
    /// The address-of-record (<c>user@host</c>) that whoever is called there proves to have when it asks something itself; null: that of
    /// <see cref="Binding"/>, or not known.
    /// </summary>
    public string? Identity { get; init; }

    /// <summary>Answer the target's challenges; null: a challenge is a failure like any other.</summary>
    public PeerCredentials? Credentials { get; init; }

    /// <summary>The value of From, without tag, where it is not the caller's own.</summary>
    public string? From { get; init; }

    /// <summary>The value of To where it is not the caller's own.</summary>
    public string? To { get; init; }

    /// <summary>Preference from 0 to 1: equal ones ring together, lower ones later.</summary>
    public float Q { get; init; } = 1;

    /// <summary>The address-of-record by which it was found, null for a foreign URI.</summary>
    public string? AddressOfRecord { get; init; }

    /// <summary>The binding it was made from, if any.</summary>
    public Binding? Binding { get; init; }

    /// <summary>
    /// The same device by another of its flows (RFC 5626 §7): tried when nobody is reached by this one (no answer, 408, 430), never beside it.
    /// Null: there is none.
    /// </summary>
    public Target? NextFlow { get; init; }

    /// <summary>This target, and another flow of the same device behind it.</summary>
    /// <param name="next">The other flow, with what may stand behind that.</param>
    public Target FollowedBy(Target next) => new(this, Uri) { NextFlow = next };

    /// <summary>This target at another URI, with other headers and another preference; behind it stand its other flows, changed in the same way.</summary>
    /// <param name="parameters">What is appended to the URI.</param>
    /// <param name="headers">The value of <see cref="Headers"/>.</param>
    /// <param name="q">The value of <see cref="Q"/>; null: as it is.</param>
    public Target With(string parameters, IReadOnlyList<(string Name, string Value)> headers, float? q = null) => new(this, Uri + parameters)
    {
        Headers = headers,
        Q = q ?? Q,
        NextFlow = NextFlow?.With(parameters, headers, q),
    };

    /// <inheritdoc/>
    public override string ToString() => Uri;
}
