using Microsoft.Extensions.Logging.Abstractions;
using Sip.B2bua;
using Sip.B2bua.Plugins.Registrar;
using Sip.Messages;

namespace Plugins.Tests.Registrar;

/// <summary>Phones with several flows (RFC 5626) and addresses of their own (RFC 5627).</summary>
public sealed class OutboundTests : IDisposable
{
    private const string Alice = "alice@example.org";
    private const string Instance = "+sip.instance=\"<urn:uuid:1>\"";

    private readonly TestClock clock = new();
    private readonly MemoryLocationService location;
    private readonly FixedSettings<RegistrarOptions> settings = new(new RegistrarOptions());
    private readonly RegistrarModule module;
    private uint cseq;

    public OutboundTests()
    {
        location = new MemoryLocationService(new FixedSettings<MemoryLocationOptions>(new MemoryLocationOptions()), clock, NullLoggerFactory.Instance);
        module = new RegistrarModule(settings, location, new FakeDomains("example.org"), clock);
    }

    public void Dispose()
    {
        module.Dispose();
        location.Dispose();
    }

    [Fact]
    public async Task RFC_5626_6_each_flow_of_an_instance_is_a_binding_and_a_new_flow_replaces_the_one_of_its_reg_id()
    {
        await RegisterAsync($"Contact: <sip:a@192.0.2.10:1>;reg-id=1;{Instance}\nSupported: outbound");
        await RegisterAsync($"Contact: <sip:a@192.0.2.10:2>;reg-id=2;{Instance}\nSupported: outbound");
        await RegisterAsync($"Contact: <sip:a@192.0.2.10:3>;reg-id=1;{Instance}\nSupported: outbound", callId: "c2");
        IReadOnlyList<Binding> bindings = (await location.FetchAsync(Alice)).Bindings;
        Assert.Equal(["sip:a@192.0.2.10:2", "sip:a@192.0.2.10:3"], bindings.Select(b => b.Contact).Order());
        Assert.All(bindings, b => Assert.Equal("urn:uuid:1", b.InstanceId));
    }

    [Theory]
    [InlineData($"Contact: <sip:a@h>;reg-id=1;{Instance}\nSupported: outbound", true)]
    [InlineData($"Contact: <sip:a@h>;reg-id=1;{Instance}\nRequire: outbound", true)]
    [InlineData($"Contact: <sip:a@h>;reg-id=1;{Instance}", false)]
    [InlineData($"Contact: <sip:a@h>;{Instance}\nSupported: outbound", false)]
    [InlineData("Contact: <sip:a@h>;reg-id=1\nSupported: outbound", false)]
    [InlineData($"Contact: <sip:a@h>;reg-id=0;{Instance}\nSupported: outbound", false)]
    [InlineData($"Contact: <sip:a@h>;reg-id=2147483648;{Instance}\nSupported: outbound", false)]
    public async Task RFC_5626_6_the_answer_requires_outbound_where_it_was_used(string headers, bool used)
    {
        FakeRequestContext context = await RegisterAsync(headers);
        Assert.Equal(200, context.StatusCode);
        Assert.Equal(used ? ["outbound"] : [], context.Header(HeaderId.Require));
        Assert.Contains("outbound", context.Header(HeaderId.Supported));
    }

    [Theory]
    [InlineData("", 439)]
    [InlineData("Path: <sip:edge;lr>\n", 439)]
    [InlineData("Path: <sip:edge;lr;ob>\n", 200)]
    public async Task RFC_5626_6_behind_a_first_hop_without_outbound_a_reg_id_gets_439(string path, int code)
    {
        string headers = $"Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK2\n{path}Contact: <sip:a@h>;reg-id=1;{Instance}\n";
        Assert.Equal(code, (await RegisterAsync(headers + "Supported: outbound")).StatusCode);
        Assert.Equal(200, (await RegisterAsync(headers + "Supported: path")).StatusCode);
    }

    [Fact]
    public async Task RFC_5626_6_a_Contact_with_reg_id_stands_alone()
    {
        FakeRequestContext context = await RegisterAsync($"Contact: <sip:a@h>;reg-id=1;{Instance}\nContact: <sip:b@h>\nSupported: outbound");
        Assert.Equal(400, context.StatusCode);
    }

    [Fact]
    public async Task RFC_5626_5_4_Flow_Timer_is_told_if_set()
    {
        settings.Set(new RegistrarOptions { FlowTimer = TimeSpan.FromSeconds(120) });
        Assert.Equal(["120"], (await RegisterAsync($"Contact: <sip:a@h>;reg-id=1;{Instance}\nSupported: outbound")).Header(HeaderId.FlowTimer));
        Assert.Empty((await RegisterAsync($"Contact: <sip:a@h>;{Instance}\nSupported: outbound")).Header(HeaderId.FlowTimer));
    }

    [Fact]
    public async Task RFC_5627_5_3_a_phone_that_supports_gruu_is_given_a_public_and_a_temporary_one()
    {
        string contact = Assert.Single((await RegisterAsync($"Contact: <sip:a@h>;{Instance}\nSupported: gruu")).Header(HeaderId.Contact));
        Assert.Contains(";pub-gruu=\"sip:alice@example.org;gr=urn:uuid:1\"", contact);
        Assert.Matches(";temp-gruu=\"sip:tgruu\\.[\\w-]+@example\\.org;gr\"", contact);
        Assert.DoesNotContain("alice", contact[contact.IndexOf("temp-gruu", StringComparison.Ordinal)..]);
    }

    [Fact]
    public async Task RFC_5630_5_4_the_GRUU_of_a_sips_Contact_is_a_sips_URI() =>
        Assert.Contains("pub-gruu=\"sips:alice@", (await RegisterAsync($"Contact: <sips:a@h>;{Instance}\nSupported: gruu")).Header(HeaderId.Contact)[0]);

    [Theory]
    [InlineData($"Contact: <sip:a@h>;{Instance}", true)]
    [InlineData("Contact: <sip:a@h>\nSupported: gruu", true)]
    [InlineData($"Contact: <sip:a@h>;{Instance}\nSupported: gruu", false)]
    public async Task Nobody_else_is_given_one(string headers, bool enabled)
    {
        settings.Set(new RegistrarOptions { EnableGruu = enabled });
        Assert.DoesNotContain("gruu", (await RegisterAsync(headers)).Header(HeaderId.Contact)[0]);
    }

    [Fact]
    public async Task RFC_5627_3_1_2_a_temporary_GRUU_leads_to_its_phone_until_that_registers_anew()
    {
        string first = await TemporaryAsync("c1");
        string second = await TemporaryAsync("c1");
        Assert.NotEqual(first, second);
        Assert.Equal("sip:a@h", Assert.Single((await InviteAsync(first)).Targets).Uri);
        Assert.Equal("sip:a@h", Assert.Single((await InviteAsync(second)).Targets).Uri);
        await TemporaryAsync("c2");
        Assert.Equal(404, (await InviteAsync(first)).StatusCode);
    }

    [Fact]
    public async Task RFC_5627_3_1_2_a_temporary_GRUU_that_one_flow_was_given_leads_to_the_phone_by_all_of_them()
    {
        await RegisterAsync($"Contact: <sip:a@192.0.2.10:2>;reg-id=2;{Instance}\nSupported: outbound", callId: "c2");
        FakeRequestContext first = await RegisterAsync($"Contact: <sip:a@192.0.2.10:1>;reg-id=1;{Instance}\nSupported: outbound, gruu", callId: "c1");
        await RegisterAsync($"Contact: <sip:a@192.0.2.10:2>;reg-id=2;{Instance}\nSupported: outbound", callId: "c2");
        Target phone = Assert.Single((await InviteAsync(GruuOf(first.Header(HeaderId.Contact).Single(c => c.Contains("reg-id=1", StringComparison.Ordinal))))).Targets);
        Assert.Equal("sip:a@192.0.2.10:2", phone.Uri);
        Assert.Equal("sip:a@192.0.2.10:1", phone.NextFlow?.Uri);
        Assert.Null(phone.NextFlow?.NextFlow);
    }

    [Fact]
    public async Task RFC_5627_5_2_the_answer_does_not_name_gruu_as_supported() =>
        Assert.DoesNotContain("gruu", (await RegisterAsync($"Contact: <sip:a@h>;{Instance}\nSupported: gruu")).Header(HeaderId.Supported));

    [Theory]
    [InlineData("sip:tgruu.@example.org;gr")]
    [InlineData("sip:tgruu.AAAA@example.org;gr")]
    [InlineData("sip:tgruu.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA@example.org;gr")]
    public async Task A_temporary_GRUU_that_is_none_of_ours_gets_404(string uri) => Assert.Equal(404, (await InviteAsync(uri)).StatusCode);

    [Theory]
    [InlineData("sip:tgruu.AAAA@example.org")]
    [InlineData("sip:tgruu.AAAA@example.com;gr")]
    [InlineData("sip:bob@example.org;gr")]
    public async Task What_is_no_temporary_GRUU_is_left_to_the_Router(string uri) => Assert.Equal(0, (await InviteAsync(uri)).StatusCode);

    private async Task<string> TemporaryAsync(string callId)
    {
        return GruuOf((await RegisterAsync($"Contact: <sip:a@h>;{Instance}\nSupported: gruu", callId)).Header(HeaderId.Contact)[0]);
    }

    private static string GruuOf(string contact)
    {
        int start = contact.IndexOf("temp-gruu=\"", StringComparison.Ordinal) + 11;
        return contact[start..contact.IndexOf('"', start)];
    }

    private Task<FakeRequestContext> RegisterAsync(string headers, string callId = "c1") => SendAsync("REGISTER", "sip:example.org", callId, headers);

    private Task<FakeRequestContext> InviteAsync(string uri) => SendAsync("INVITE", uri, "call", "Contact: <sip:x@h>");

    private async Task<FakeRequestContext> SendAsync(string method, string uri, string callId, string headers)
    {
        clock.AdvanceSeconds(1);
        FakeRequestContext context = new($"""
            {method} {uri} SIP/2.0
            Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK1
            From: <sip:alice@example.org>;tag=1
            To: <sip:alice@example.org>
            Call-ID: {callId}
            CSeq: {++cseq} {method}

            """ + headers + "\nContent-Length: 0\n\n");
        await module.OnRequestAsync(context);
        return context;
    }
}
