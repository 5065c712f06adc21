namespace Sip.B2bua;

/// <summary>
/// Our own user name and password at another server. They answer its challenges and go nowhere else: only a challenge of
/// <see cref="Realm"/>, in a response of the target that they belong to, is answered. Immutable.
/// </summary>
public sealed record PeerCredentials
{
    /// <summary>The word for <see cref="Realm"/> that stands for every realm of the target.</summary>
    public const string AnyRealm = "*";

    /// <summary>The realm whose challenges are answered, exactly as the server writes it; <see cref="AnyRealm"/>: whatever the target asks for.</summary>
    public required string Realm { get; init; }

    /// <summary>The user name and the secret.</summary>
    public required Credential Credential { get; init; }

    /// <summary>The realm and the user name: no secret ever gets into a log.</summary>
    public override string ToString() => $"{Credential.AuthenticationName} in {Realm}";
}
