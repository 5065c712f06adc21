using System.Buffers.Text;
using System.Text;
using Sip.Headers;
using Sip.Messages;
using Sip.Transports;
using Sip.Uris;

namespace Sip.B2bua.Plugins.Registrar;

/// <summary>Makes bindings of the Contacts of one REGISTER, each value checked and each lifetime clamped.</summary>
internal readonly ref struct ContactReader
{
    private const uint LongestMessageExpires = 10 * 365 * 86_400;

    private readonly SipMessage request;
    private readonly Flow flow;
    private readonly RegistrarOptions options;
    private readonly ILocalDomains domains;
    private readonly string addressOfRecord;
    private readonly DateTimeOffset now;

    public ContactReader(RequestContext context, RegistrarOptions options, ILocalDomains domains, string addressOfRecord, DateTimeOffset now)
    {
        request = context.Request;
        flow = context.Flow;
        this.options = options;
        this.domains = domains;
        this.addressOfRecord = addressOfRecord;
        this.now = now;
    }

    /// <summary>Reads all Contacts; false when one of them is malformed, with what is wrong.</summary>
    /// <param name="registration">Gets the contacts, or the wildcard.</param>
    /// <param name="fault">The reason phrase of a 400.</param>
    public bool TryRead(Registration registration, out string fault)
    {
        fault = "";
        bool outbound = OutboundRule.AppliesTo(request, out bool lacksFirstHop);
        registration.IsBehindNat = Via.TryParse(request.TopVia, out Via via) && !IsRemote(via.Host, -1);
        uint? header = ReadSeconds(request.First(HeaderId.Expires), request.Has(HeaderId.Expires));
        List<string> path = ReadPath();
        string callId = Encoding.UTF8.GetString(request.CallId);
        string userAgent = Encoding.UTF8.GetString(request.First(HeaderId.UserAgent));
        foreach (ReadOnlySpan<byte> value in request.Values(HeaderId.Contact))
        {
            if (!NameAddr.TryParse(value, out NameAddr contact))
            {
                fault = "Invalid contact";
                return false;
            }

            if (contact.IsStar)
            {
                registration.Stars++;
                continue;
            }

            if (!SipUri.TryParse(contact.Uri, out SipUri uri))
            {
                fault = "Invalid contact";
                return false;
            }

            // 10.3 step 7: the Contact's own expires counts before the header.
            uint? asked = contact.Params.TryGet("expires"u8, out ReadOnlySpan<byte> own) ? ReadSeconds(own, true) : header;
            long granted = options.Grant(asked);
            uint regId = OutboundRule.RegIdOf(contact);
            if (regId > 0 && lacksFirstHop)
            {
                // RFC 5626 6, 11.6
                registration.FaultCode = 439;
                fault = "First Hop Lacks Outbound Support";
                return false;
            }

            regId = outbound ? regId : 0;
            registration.UsesOutbound |= regId > 0;
            string uniqueId = ReadUniqueId(contact, uri, regId);
            registration.Contacts.Add(new IncomingContact(
                new Binding
                {
                    Contact = Encoding.UTF8.GetString(contact.Uri),
                    UniqueId = uniqueId,
                    IsIdMade = uniqueId.StartsWith(BindingRules.PlaceholderPrefix, StringComparison.Ordinal),
                    Expires = now.AddSeconds(granted),
                    MessageExpires = ReadMessageExpires(contact, granted),
                    Updated = now,
                    Q = ReadQ(contact),
                    CallId = callId,
                    CSeq = request.CSeqNumber,
                    Path = path,
                    Flow = IsReachedByItsFlow(uri) ? flow : null,
                    Parameters = ReadParameters(contact),
                    UserAgent = userAgent,
                },
                granted == 0));
        }

        // RFC 5626 6: a REGISTER makes one flow's binding, no other beside it.
        if (registration.UsesOutbound && registration.Contacts.Count(c => !c.Remove) > 1)
        {
            fault = "A Contact with reg-id stands alone";
            return false;
        }

        // 10.3 step 6: the wildcard stands alone, and only with Expires: 0.
        if (registration.Stars > 0 && (registration.Stars > 1 || registration.Contacts.Count > 0 || header != 0))
        {
            fault = "Contact * needs Expires: 0 and no other Contact";
            return false;
        }

        return true;
    }

    // 20.19: a value that cannot be read counts as none; one that is too large for 32 bits as the longest.
    private static uint? ReadSeconds(ReadOnlySpan<byte> text, bool isThere)
    {
        if (!isThere || SipChars.Trim(text) is not { IsEmpty: false } digits || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            return null;
        }

        return SipChars.TryParseUInt(digits, out uint seconds) ? seconds : uint.MaxValue;
    }

    // Flexisip's extension: longer than the registration, for MESSAGE alone.
    private DateTimeOffset? ReadMessageExpires(in NameAddr contact, long granted)
    {
        Span<byte> name = stackalloc byte[64];
        return Encoding.UTF8.TryGetBytes(options.MessageExpiresParamName, name, out int length)
            && contact.Params.TryGet(name[..length], out ReadOnlySpan<byte> text) && ReadSeconds(text, true) is { } seconds && seconds > granted
            ? now.AddSeconds(Math.Min(seconds, LongestMessageExpires))
            : null;
    }

    private static float ReadQ(in NameAddr contact) =>
        contact.Params.TryGet("q"u8, out ReadOnlySpan<byte> text) && Utf8Parser.TryParse(text, out float q, out int used) && used == text.Length
            && q is >= 0 and <= 1 ? q : 1;

    private static string NewPlaceholder()
    {
        Span<byte> random = stackalloc byte[15];
        Random.Shared.NextBytes(random); // it only has to differ from the others
        return BindingRules.PlaceholderPrefix + Base64Url.EncodeToString(random);
    }

    private static string ReadParameters(in NameAddr contact)
    {
        StringBuilder? kept = null;
        foreach (HeaderParam param in contact.Params)
        {
            if (!SipChars.EqualsIgnoreCase(param.Name, "q"u8) && !SipChars.EqualsIgnoreCase(param.Name, "expires"u8)
                && !SipChars.EqualsIgnoreCase(param.Name, "pub-gruu"u8) && !SipChars.EqualsIgnoreCase(param.Name, "temp-gruu"u8))
            {
                kept ??= new StringBuilder();
                kept.Append(';').Append(Encoding.UTF8.GetString(param.Name));
                if (!param.Value.IsEmpty)
                {
                    kept.Append('=').Append(Encoding.UTF8.GetString(param.Value));
                }
            }
        }

        return kept?.ToString() ?? "";
    }

    private string ReadUniqueId(in NameAddr contact, in SipUri uri, uint regId)
    {
        if (regId > 0 && contact.Params.TryGet("+sip.instance"u8, out ReadOnlySpan<byte> instance))
        {
            // RFC 5626 6: the binding is that of instance and flow together.
            return $"{Encoding.UTF8.GetString(instance)}{Binding.FlowPrefix}{regId}";
        }

        Span<byte> name = stackalloc byte[64];
        foreach (string parameter in options.UniqueIdParameters)
        {
            if (!Encoding.UTF8.TryGetBytes(parameter, name, out int length))
            {
                continue;
            }

            if ((contact.Params.TryGet(name[..length], out ReadOnlySpan<byte> value) || uri.TryGetParam(name[..length], out value)) && !value.IsEmpty)
            {
                return Encoding.UTF8.GetString(value);
            }
        }

        return NewPlaceholder();
    }

    private List<string> ReadPath()
    {
        List<string> path = [];
        foreach (ReadOnlySpan<byte> value in request.Values(HeaderId.Path))
        {
            path.Add(Encoding.UTF8.GetString(value));
        }

        return path;
    }

    // A binding is reached by the flow of its REGISTER, without any look-up, unless the phone plainly means another place: an
    // alias (an address-of-record that is ours), or, where no NAT and no connection stands between, another host or port.
    private bool IsReachedByItsFlow(in SipUri contact)
    {
        if (!Via.TryParse(request.TopVia, out Via via))
        {
            return true;
        }

        bool isSender = SipChars.EqualsIgnoreCase(contact.Host, via.Host) || IsRemote(contact.Host, -1);
        if (!isSender && !contact.User.IsEmpty && domains.IsServedDomain(contact.Host) && !EndsWithInvalid(contact.Host)
            && AddressOfRecord.TryRead(contact, out string other) && other != addressOfRecord)
        {
            return false;
        }

        bool behindNat = !IsRemote(via.Host, -1);
        return flow.IsReliable || behindNat || IsRemote(contact.Host, contact.Port < 0 ? 5060 : contact.Port);
    }

    // RFC 7118 §5: a phone in a browser has no address and writes one of the .invalid names.
    private static bool EndsWithInvalid(ReadOnlySpan<byte> host) =>
        host.Length > 8 && SipChars.EqualsIgnoreCase(host[^8..], ".invalid"u8);

    private bool IsRemote(ReadOnlySpan<byte> host, int port) =>
        SipAddress.TryParse(host, Math.Max(port, 0), out SipAddress address)
            && (port < 0 ? address == flow.Remote.WithPort(0) : address == flow.Remote);
}
