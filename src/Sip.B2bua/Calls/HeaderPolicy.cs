using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>What becomes of a header of one side when a message is written for the other.</summary>
internal enum Crossing : byte
{
    /// <summary>It is the users' own: it goes across as it is.</summary>
    Cross,

    /// <summary>It names a person, a place or a path of one side: it stays there.</summary>
    Drop,

    /// <summary>We write our own, or none.</summary>
    Ours,

    /// <summary>It belongs to the body and goes where the body goes.</summary>
    Body,
}

/// <summary>
/// THE table: which header crosses a call. What nobody listed crosses, because it is the users' own; what tells one side
/// who or where the other is never crosses by accident.
/// </summary>
internal static class HeaderPolicy
{
    private static readonly Crossing[] Table = Make(
    [
        // What makes a message ours: dialog, path and transaction (RFC 7092 §3.2).
        (HeaderId.Via, Crossing.Ours), (HeaderId.From, Crossing.Ours), (HeaderId.To, Crossing.Ours), (HeaderId.CallId, Crossing.Ours),
        (HeaderId.CSeq, Crossing.Ours), (HeaderId.Contact, Crossing.Ours), (HeaderId.MaxForwards, Crossing.Ours),
        (HeaderId.MaxBreadth, Crossing.Ours), (HeaderId.UserAgent, Crossing.Ours), (HeaderId.Server, Crossing.Ours),
        (HeaderId.Allow, Crossing.Ours), (HeaderId.Supported, Crossing.Ours), (HeaderId.Require, Crossing.Ours),
        (HeaderId.Unsupported, Crossing.Ours), (HeaderId.RSeq, Crossing.Ours), (HeaderId.RAck, Crossing.Ours),
        (HeaderId.SessionExpires, Crossing.Ours), (HeaderId.MinSE, Crossing.Ours), (HeaderId.Replaces, Crossing.Ours),
        (HeaderId.Date, Crossing.Ours), (HeaderId.Timestamp, Crossing.Ours), (HeaderId.SessionId, Crossing.Ours), (HeaderId.ReferTo, Crossing.Ours), (HeaderId.LoopMark, Crossing.Ours),
        (HeaderId.Event, Crossing.Ours), // its id may be another number on the other side

        // The way here: topology.
        (HeaderId.Route, Crossing.Drop), (HeaderId.RecordRoute, Crossing.Drop), (HeaderId.Path, Crossing.Drop),
        (HeaderId.ServiceRoute, Crossing.Drop), (HeaderId.ProxyRequire, Crossing.Drop), (HeaderId.Warning, Crossing.Drop),
        (HeaderId.TargetDialog, Crossing.Drop), (HeaderId.InReplyTo, Crossing.Drop), (HeaderId.Join, Crossing.Drop),

        // Who somebody is, by whoever says so, and secrets.
        (HeaderId.PAssertedIdentity, Crossing.Drop), (HeaderId.PPreferredIdentity, Crossing.Drop), (HeaderId.Privacy, Crossing.Drop),
        (HeaderId.Identity, Crossing.Drop), (HeaderId.Authorization, Crossing.Drop), (HeaderId.ProxyAuthorization, Crossing.Drop),
        (HeaderId.WwwAuthenticate, Crossing.Drop), (HeaderId.ProxyAuthenticate, Crossing.Drop),
        (HeaderId.AuthenticationInfo, Crossing.Drop), (HeaderId.ProxyAuthenticationInfo, Crossing.Drop), (HeaderId.RemotePartyId, Crossing.Drop),
        (HeaderId.PAssociatedUri, Crossing.Drop), (HeaderId.PCalledPartyId, Crossing.Drop), (HeaderId.PChargingVector, Crossing.Drop),
        (HeaderId.PAccessNetworkInfo, Crossing.Drop), (HeaderId.PVisitedNetworkId, Crossing.Drop), (HeaderId.HistoryInfo, Crossing.Drop),
        (HeaderId.Diversion, Crossing.Drop), (HeaderId.Geolocation, Crossing.Drop),

        (HeaderId.ContentType, Crossing.Body), (HeaderId.ContentLength, Crossing.Body), (HeaderId.ContentEncoding, Crossing.Body),
        (HeaderId.ContentDisposition, Crossing.Body), (HeaderId.MimeVersion, Crossing.Body),
    ]);

    /// <summary>What becomes of a header.</summary>
    /// <param name="id">Its id; <see cref="HeaderId.Unknown"/> is decided by name.</param>
    /// <param name="name">Its name as written.</param>
    public static Crossing Of(HeaderId id, ReadOnlySpan<byte> name) =>
        id != HeaderId.Unknown ? Table[(int)id] : IsIdentityOrTopology(name) ? Crossing.Drop : Crossing.Cross;

    /// <summary>Whether no setting may change what becomes of a header: it makes the message ours, tells the way, or is a secret.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="name">Its name as written.</param>
    public static bool IsFixed(HeaderId id, ReadOnlySpan<byte> name) =>
        Of(id, name) is Crossing.Ours or Crossing.Body
        || id is HeaderId.Route or HeaderId.RecordRoute or HeaderId.Path or HeaderId.ServiceRoute or HeaderId.ProxyRequire or HeaderId.TargetDialog
            or HeaderId.Join or HeaderId.InReplyTo or HeaderId.Authorization or HeaderId.ProxyAuthorization or HeaderId.WwwAuthenticate
            or HeaderId.ProxyAuthenticate or HeaderId.AuthenticationInfo or HeaderId.ProxyAuthenticationInfo;

    /// <summary>Writes every header of <paramref name="source"/> that crosses.</summary>
    /// <param name="writer">The message of the other side.</param>
    /// <param name="source">The message that came.</param>
    /// <param name="isPrivate">Whether its sender wants to be nobody: what describes a person stays as well (RFC 3323 §5.3).</param>
    /// <param name="rules">What an administrator changes; null: nothing.</param>
    public static void WriteCrossing(ref SipWriter writer, SipMessage source, bool isPrivate = false, HeaderRules? rules = null)
    {
        if (rules is not null)
        {
            rules.WriteCrossing(ref writer, source, isPrivate);
            return;
        }

        for (int i = 0; i < source.HeaderCount; i++)
        {
            HeaderId id = source.IdAt(i);
            if (Of(id, source.NameAt(i)) == Crossing.Cross && !(isPrivate && DescribesPerson(id)))
            {
                writer.Header(source.NameAt(i), source.ValueAt(i));
            }
        }
    }

    /// <summary>Writes the headers that describe the body, but for its type and length.</summary>
    public static void WriteBodyHeaders(ref SipWriter writer, SipMessage source)
    {
        for (int i = 0; i < source.HeaderCount; i++)
        {
            HeaderId id = source.IdAt(i);
            if (id is HeaderId.ContentEncoding or HeaderId.ContentDisposition or HeaderId.MimeVersion)
            {
                writer.Header(source.NameAt(i), source.ValueAt(i));
            }
        }
    }

    public static bool DescribesPerson(HeaderId id) =>
        id is HeaderId.Subject or HeaderId.CallInfo or HeaderId.Organization or HeaderId.ReplyTo or HeaderId.InReplyTo or HeaderId.UserAgent;

    // Headers without rules of their own in the stack, known for what they tell of a person or a network.
    private static bool IsIdentityOrTopology(ReadOnlySpan<byte> name) =>
        name.Length > 0 && (name[0] | 0x20) switch
        {
            (byte)'p' => SipChars.EqualsIgnoreCase(name, "P-Charging-Function-Addresses"u8)
                || SipChars.EqualsIgnoreCase(name, "P-Profile-Key"u8)
                || SipChars.EqualsIgnoreCase(name, "P-User-Database"u8),
            (byte)'x' => SipChars.EqualsIgnoreCase(name, "X-Target-Uris"u8), // Flexisip's: which phones, by their addresses
            _ => false,
        };

    private static Crossing[] Make(ReadOnlySpan<(HeaderId Id, Crossing Crossing)> rows)
    {
        Crossing[] table = new Crossing[256];
        foreach ((HeaderId id, Crossing crossing) in rows)
        {
            table[(int)id] = crossing;
        }

        return table;
    }
}
