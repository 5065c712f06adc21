using System.Text;

namespace Sip.B2bua.Tests.Modules;

/// <summary>A message of a test, by values.</summary>
internal sealed class SampleVariables : IFilterVariables
{
    private readonly Dictionary<FilterVariable, byte[]> values = [];

    public bool IsRequest { get; init; } = true;

    public string this[FilterVariable variable]
    {
        set => values[variable] = Encoding.UTF8.GetBytes(value);
    }

    public static SampleVariables Invite() => new()
    {
        [FilterVariable.RequestMethod] = "INVITE",
        [FilterVariable.RequestUriDomain] = "example.org",
        [FilterVariable.RequestUriUser] = "4711",
        [FilterVariable.RequestUriParams] = "transport=tcp;doroute",
        [FilterVariable.FromUriDomain] = "sip.example.org",
        [FilterVariable.FromUriUser] = "alice",
        [FilterVariable.ToUriUser] = "bob",
        [FilterVariable.UserAgent] = "Linphone/5.2 (belle-sip)",
        [FilterVariable.CallId] = "abc@host",
        [FilterVariable.ContentType] = "application/sdp",
    };

    public ReadOnlySpan<byte> Read(FilterVariable variable, Span<byte> scratch) => values.GetValueOrDefault(variable);
}
