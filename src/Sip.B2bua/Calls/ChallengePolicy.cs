namespace Sip.B2bua.Calls;

/// <summary>What becomes of a foreign server's challenge (401, 407).</summary>
internal enum ChallengePolicy
{
    /// <summary>The caller gets 403: it has no password there.</summary>
    Refuse,

    /// <summary>The caller gets it, and its answer goes there; nothing of our own realms does.</summary>
    Pass,
}
