using System.Text;
using System.Text.Json;

namespace Sip.B2bua.Plugins.Router;

/// <summary>When a diversion of a user applies.</summary>
internal enum DiversionKind
{
    /// <summary>To every call.</summary>
    Always,

    /// <summary>When no phone has answered, or none is registered.</summary>
    Away,

    /// <summary>When the user is busy.</summary>
    Busy,
}

/// <summary>Where a user wants calls to go.</summary>
/// <param name="Kind">When.</param>
/// <param name="Uri">Where; null: voicemail.</param>
internal sealed record UserDiversion(DiversionKind Kind, string? Uri);

/// <summary>The diversions of all users, as the file has them: immutable, read as a whole.</summary>
internal sealed class UserDiversions
{
    private readonly Dictionary<string, List<UserDiversion>> byAddress = new(StringComparer.Ordinal);

    private UserDiversions()
    {
    }

    /// <summary>Nobody diverts.</summary>
    public static UserDiversions None { get; } = new();

    /// <summary>The diversion of an address that applies, or null.</summary>
    public UserDiversion? Find(string addressOfRecord, DiversionKind kind) =>
        byAddress.TryGetValue(addressOfRecord, out List<UserDiversion>? all) ? all.Find(diversion => diversion.Kind == kind) : null;

    /// <summary>Reads an array of <c>{type:"account", payload:{sip_uri, call_forwardings:[…]}}</c>.</summary>
    /// <exception cref="JsonException">It is none; the message says what is wrong.</exception>
    public static UserDiversions Read(string json)
    {
        UserDiversions read = new();
        using JsonDocument document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Array)
        {
            throw new JsonException("not an array of accounts");
        }

        foreach (JsonElement entry in document.RootElement.EnumerateArray())
        {
            JsonElement account = Get(entry, "payload") is { ValueKind: JsonValueKind.Object } payload ? payload : entry;
            string uri = Text(account, "sip_uri") ?? throw new JsonException("an account has no sip_uri");
            if (!AddressOfRecord.TryRead(Encoding.UTF8.GetBytes(uri), out string address))
            {
                throw new JsonException($"\"{uri}\" is no SIP URI");
            }

            if (Get(account, "call_forwardings") is { ValueKind: JsonValueKind.Array } forwardings)
            {
                read.byAddress[address] = ReadForwardings(address, forwardings);
            }
        }

        return read;
    }

    private static List<UserDiversion> ReadForwardings(string address, JsonElement forwardings)
    {
        List<UserDiversion> read = [];
        foreach (JsonElement forwarding in forwardings.EnumerateArray())
        {
            if (Get(forwarding, "enabled") is not { ValueKind: JsonValueKind.True })
            {
                continue;
            }

            DiversionKind kind = Text(forwarding, "type") switch
            {
                "always" => DiversionKind.Always,
                "away" => DiversionKind.Away,
                "busy" => DiversionKind.Busy,
                var other => throw new JsonException($"{address}: \"{other}\" is none of always, away, busy"),
            };
            string? to = Text(forwarding, "forward_to") switch
            {
                "voicemail" => null,
                "sip_uri" => Text(forwarding, "sip_uri") ?? throw new JsonException($"{address}: sip_uri is missing"),
                "contact" => Text(forwarding, "contact_sip_uri") ?? throw new JsonException($"{address}: contact_sip_uri is missing"),
                var other => throw new JsonException($"{address}: \"{other}\" is none of voicemail, sip_uri, contact"),
            };
            if (to is not null && !AddressOfRecord.TryRead(Encoding.UTF8.GetBytes(to), out _))
            {
                throw new JsonException($"{address}: \"{to}\" is no SIP URI");
            }

            read.Add(new UserDiversion(kind, to));
        }

        return read;
    }

    private static JsonElement? Get(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) ? value : null;

    private static string? Text(JsonElement element, string name) => Get(element, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;
}
