using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static Sip.Messages.HeaderId;

namespace Sip.Messages;

/// <summary>
/// The header table: wire name, compact form and shape of every header known by number. A new header is one line here and
/// one member of <see cref="HeaderId"/>.
/// </summary>
public static class HeaderTable
{
    private const Shape One = Shape.Single;
    private const Shape Many = Shape.List;
    private const Shape Lines = Shape.Lines;

    // Twice as many slots as a half-full table needs; a miss seldom probes more than once.
    private const int SlotCount = 512;

    private static readonly (HeaderId Id, string Name, char Compact, Shape Shape)[] Rows =
    [
        (Via, "Via", 'v', Many), (From, "From", 'f', One), (To, "To", 't', One), (CallId, "Call-ID", 'i', One), (CSeq, "CSeq", '\0', One),
        (Contact, "Contact", 'm', Many), (MaxForwards, "Max-Forwards", '\0', One), (ContentLength, "Content-Length", 'l', One),
        (ContentType, "Content-Type", 'c', One), (Route, "Route", '\0', Many), (RecordRoute, "Record-Route", '\0', Many),
        (Expires, "Expires", '\0', One), (Authorization, "Authorization", '\0', Lines), (ProxyAuthorization, "Proxy-Authorization", '\0', Lines),
        (WwwAuthenticate, "WWW-Authenticate", '\0', Lines), (ProxyAuthenticate, "Proxy-Authenticate", '\0', Lines),
        (AuthenticationInfo, "Authentication-Info", '\0', Lines), (ProxyAuthenticationInfo, "Proxy-Authentication-Info", '\0', Lines),
        (Supported, "Supported", 'k', Many), (Require, "Require", '\0', Many), (ProxyRequire, "Proxy-Require", '\0', Many),
        (Unsupported, "Unsupported", '\0', Many), (Allow, "Allow", '\0', Many), (Accept, "Accept", '\0', Many),
        (AcceptEncoding, "Accept-Encoding", '\0', Many), (AcceptLanguage, "Accept-Language", '\0', Many),
        (AcceptContact, "Accept-Contact", 'a', Many), (RejectContact, "Reject-Contact", 'j', Many),
        (RequestDisposition, "Request-Disposition", 'd', Many), (ContentEncoding, "Content-Encoding", 'e', Many),
        (ContentLanguage, "Content-Language", '\0', Many), (ContentDisposition, "Content-Disposition", '\0', Lines),
        (ContentId, "Content-ID", '\0', Lines), (Date, "Date", '\0', One), (Timestamp, "Timestamp", '\0', Lines),
        (UserAgent, "User-Agent", '\0', Lines), (HeaderId.Server, "Server", '\0', Lines), (Subject, "Subject", 's', One),
        (Event, "Event", 'o', One), (AllowEvents, "Allow-Events", 'u', Many), (SubscriptionState, "Subscription-State", '\0', Lines),
        (RSeq, "RSeq", '\0', One), (RAck, "RAck", '\0', One), (SessionExpires, "Session-Expires", 'x', One), (MinSE, "Min-SE", '\0', One),
        (MinExpires, "Min-Expires", '\0', One), (ReferTo, "Refer-To", 'r', One), (ReferredBy, "Referred-By", 'b', One),
        (ReferSub, "Refer-Sub", '\0', Lines), (Replaces, "Replaces", '\0', One), (Reason, "Reason", '\0', Many), (HeaderId.Path, "Path", '\0', Many),
        (ServiceRoute, "Service-Route", '\0', Many), (PAssertedIdentity, "P-Asserted-Identity", '\0', Many),
        (PPreferredIdentity, "P-Preferred-Identity", '\0', Many), (PAssociatedUri, "P-Associated-URI", '\0', Many),
        (PCalledPartyId, "P-Called-Party-ID", '\0', Lines), (PChargingVector, "P-Charging-Vector", '\0', Lines),
        (PAccessNetworkInfo, "P-Access-Network-Info", '\0', Many), (PVisitedNetworkId, "P-Visited-Network-ID", '\0', Many),
        (PEarlyMedia, "P-Early-Media", '\0', Many), (RemotePartyId, "Remote-Party-ID", '\0', Many), (Privacy, "Privacy", '\0', Lines),
        (Warning, "Warning", '\0', Many), (RetryAfter, "Retry-After", '\0', One), (Diversion, "Diversion", '\0', Many),
        (HistoryInfo, "History-Info", '\0', Many), (SessionId, "Session-ID", '\0', Lines), (MaxBreadth, "Max-Breadth", '\0', Lines),
        (ErrorInfo, "Error-Info", '\0', Many), (AlertInfo, "Alert-Info", '\0', Many), (CallInfo, "Call-Info", '\0', Many),
        (Join, "Join", '\0', Lines), (Identity, "Identity", 'y', Many), (SipETag, "SIP-ETag", '\0', Lines),
        (SipIfMatch, "SIP-If-Match", '\0', Lines), (MimeVersion, "MIME-Version", '\0', Lines), (Organization, "Organization", '\0', Lines),
        (Priority, "Priority", '\0', Lines), (InReplyTo, "In-Reply-To", '\0', Many), (ReplyTo, "Reply-To", '\0', Lines),
        (TargetDialog, "Target-Dialog", '\0', Lines), (InfoPackage, "Info-Package", '\0', Lines), (RecvInfo, "Recv-Info", '\0', Many),
        (FlowTimer, "Flow-Timer", '\0', Lines), (Geolocation, "Geolocation", '\0', Many), (FeatureCaps, "Feature-Caps", '\0', Many),
        (AnswerMode, "Answer-Mode", '\0', Lines), (UserToUser, "User-to-User", '\0', Many),
        (SuppressIfMatch, "Suppress-If-Match", '\0', Lines), (PermissionMissing, "Permission-Missing", '\0', Many),

        // Our own: how a back-to-back user agent finds loops.
        (LoopMark, "Loop-Mark", '\0', Many),
    ];

    private static readonly byte[][] Names = BuildNames();
    private static readonly Shape[] Shapes = BuildShapes();
    private static readonly HeaderId[] Compact = BuildCompact();
    private static readonly Slot[] Slots = BuildSlots();

    private enum Shape : byte
    {
        /// <summary>A value to a line; several lines are no error.</summary>
        Lines,

        /// <summary>May stand once only.</summary>
        Single,

        /// <summary>Commas separate values.</summary>
        List,
    }

    /// <summary>How many ids there are, <see cref="Unknown"/> included.</summary>
    internal static int Count => Rows.Length + 1;

    /// <summary>
    /// The header of that name, full or compact, in any case, or <see cref="Unknown"/>. White space around the name is not cut.
    /// </summary>
    public static HeaderId Find(ReadOnlySpan<byte> name)
    {
        if (name.Length == 1)
        {
            int letter = (name[0] | 0x20) - 'a';
            return (uint)letter < 26 && name[0] >= 'A' ? Compact[letter] : Unknown;
        }

        if (name.IsEmpty)
        {
            return Unknown;
        }

        (ulong head, ulong tail) = Key(name);
        for (int at = SlotFor(head, tail); ; at = (at + 1) & (SlotCount - 1))
        {
            ref Slot slot = ref Slots[at];
            if (slot.Id == Unknown)
            {
                return Unknown;
            }

            if (slot.Head == head && slot.Tail == tail && slot.Length == name.Length)
            {
                // Head and tail cover 16 octets; the few longer names compare what lies between.
                return name.Length <= 16 || SipChars.EqualsIgnoreCase(name[8..^8], Names[(int)slot.Id].AsSpan()[8..^8]) ? slot.Id : Unknown;
            }
        }
    }

    /// <summary>The full wire name, as it is to be written; empty for <see cref="Unknown"/>.</summary>
    public static ReadOnlySpan<byte> Name(HeaderId id) => Names[(int)id];

    /// <summary>Whether commas separate values (7.3.1). False for all whose grammar has commas of its own, such as Authorization and Date.</summary>
    public static bool IsList(HeaderId id) => Shapes[(int)id] == Shape.List;

    /// <summary>Whether a second header line of this id makes the message an error.</summary>
    public static bool IsSingle(HeaderId id) => Shapes[(int)id] == Shape.Single;

    // Setting bit 5 makes letters lower case. It also makes CR a '-', but a name never holds CR when it comes from HeaderReader.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (ulong Head, ulong Tail) Key(ReadOnlySpan<byte> name)
    {
        const ulong Lower = 0x2020202020202020;
        ref byte start = ref MemoryMarshal.GetReference(name);
        int length = name.Length;
        if (length >= 8)
        {
            return (Unsafe.ReadUnaligned<ulong>(ref start) | Lower, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, length - 8)) | Lower);
        }

        if (length >= 4)
        {
            return (
                Unsafe.ReadUnaligned<uint>(ref start) | Lower,
                Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, length - 4)) | Lower);
        }

        return ((uint)(name[0] | (name[length >> 1] << 8) | (name[length - 1] << 16)) | Lower, Lower);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int SlotFor(ulong head, ulong tail) =>
        (int)(((head ^ BitRotate(tail)) * 0x9E3779B97F4A7C15) >> 55);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong BitRotate(ulong value) => (value << 29) | (value >> 35);

    private static byte[][] BuildNames()
    {
        byte[][] names = new byte[Rows.Length + 1][];
        names[0] = [];
        foreach ((HeaderId id, string name, _, _) in Rows)
        {
            names[(int)id] = System.Text.Encoding.ASCII.GetBytes(name);
        }

        return names;
    }

    private static Shape[] BuildShapes()
    {
        Shape[] shapes = new Shape[Rows.Length + 1];
        foreach ((HeaderId id, _, _, Shape shape) in Rows)
        {
            shapes[(int)id] = shape;
        }

        return shapes;
    }

    private static HeaderId[] BuildCompact()
    {
        HeaderId[] compact = new HeaderId[26];
        foreach ((HeaderId id, _, char letter, _) in Rows)
        {
            if (letter != '\0')
            {
                compact[letter - 'a'] = id;
            }
        }

        return compact;
    }

    private static Slot[] BuildSlots()
    {
        Slot[] slots = new Slot[SlotCount];
        foreach ((HeaderId id, _, _, _) in Rows)
        {
            (ulong head, ulong tail) = Key(Names[(int)id]);
            int at = SlotFor(head, tail);
            while (slots[at].Id != Unknown)
            {
                at = (at + 1) & (SlotCount - 1);
            }

            slots[at] = new Slot { Head = head, Tail = tail, Length = Names[(int)id].Length, Id = id };
        }

        return slots;
    }

    private struct Slot
    {
        public ulong Head;
        public ulong Tail;
        public int Length;
        public HeaderId Id;
    }
}
