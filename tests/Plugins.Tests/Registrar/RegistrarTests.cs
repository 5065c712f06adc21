using Microsoft.Extensions.Logging.Abstractions;
using Sip.B2bua;
using Sip.B2bua.Plugins.Registrar;
using Sip.Messages;

namespace Plugins.Tests.Registrar;

public sealed class RegistrarTests : IDisposable
{
    private const string Alice = "alice@example.org";

    private readonly TestClock clock = new();
    private readonly MemoryLocationService location;
    private uint cseq;

    public RegistrarTests() => location = new MemoryLocationService(
        new FixedSettings<MemoryLocationOptions>(new MemoryLocationOptions { MaxAddresses = 2 }), clock, NullLoggerFactory.Instance);

    public void Dispose() => location.Dispose();

    [Fact]
    public async Task A_binding_is_kept_and_answered_with_its_time()
    {
        FakeRequestContext context = await SendAsync("Contact: <sip:alice@192.0.2.10:5060>\nExpires: 600");
        Assert.Equal(200, context.StatusCode);
        Assert.Equal("Registration successful", context.Reason);
        Assert.Equal(["<sip:alice@192.0.2.10:5060>;expires=600"], context.Header(HeaderId.Contact));
        Assert.Equal(["Sun, 22 Nov 2026 12:00:00 GMT"], context.Header(HeaderId.Date));
        Binding binding = await SingleAsync();
        Assert.Equal(clock.GetUtcNow().AddSeconds(600), binding.Expires);
        Assert.Equal("192.0.2.10:5060", binding.Flow!.Value.Remote.ToString());
        Assert.StartsWith("fs-gen-", binding.UniqueId);
    }

    [Fact]
    public async Task The_answer_lists_all_bindings_with_the_time_left()
    {
        await SendAsync("Contact: <sip:alice@192.0.2.10:5060>;q=0.5;+sip.instance=\"<urn:1>\"\nExpires: 600");
        clock.AdvanceSeconds(100);
        FakeRequestContext context = await SendAsync("Contact: <sip:alice@192.0.2.11:5060>;expires=300");
        Assert.Equal(
            ["<sip:alice@192.0.2.10:5060>;q=0.500;+sip.instance=\"<urn:1>\";expires=500", "<sip:alice@192.0.2.11:5060>;expires=300"],
            context.Header(HeaderId.Contact));
    }

    [Theory]
    [InlineData("Expires: 5", 60)]
    [InlineData("Expires: 1000000", 86400)]
    [InlineData("Expires: 99999999999999999999", 86400)]
    [InlineData("Expires: soon", 600)]
    [InlineData("Expires: 120", 120)]
    [InlineData("Subject: x", 600)]
    public async Task A_lifetime_is_clamped_and_has_a_default(string header, int seconds)
    {
        await SendAsync("Contact: <sip:alice@192.0.2.10>\n" + header);
        Assert.Equal(seconds, (await SingleAsync()).Expires.Subtract(clock.GetUtcNow()).TotalSeconds);
    }

    [Theory]
    [InlineData("5", 60)]
    [InlineData("31536000", 86400)]
    [InlineData("120", 120)]
    public async Task The_expires_of_a_Contact_is_clamped_too_and_counts_before_the_header(string expires, int seconds)
    {
        await SendAsync($"Contact: <sip:alice@192.0.2.10>;expires={expires}\nExpires: 300");
        Assert.Equal(seconds, (await SingleAsync()).Expires.Subtract(clock.GetUtcNow()).TotalSeconds);
    }

    [Fact]
    public async Task Force_expires_overrides_all_but_removal()
    {
        RegistrarOptions options = new() { ForceExpires = TimeSpan.FromSeconds(30) };
        FakeRequestContext context = await SendAsync("Contact: <sip:alice@192.0.2.10>;expires=900", options);
        Assert.Equal(["<sip:alice@192.0.2.10>;expires=30"], context.Header(HeaderId.Contact));
        await SendAsync("Contact: <sip:alice@192.0.2.10>;expires=0", options);
        Assert.Empty((await location.FetchAsync(Alice)).Bindings);
    }

    [Fact]
    public async Task RFC3261_10_2_3_without_Contact_it_fetches()
    {
        await SendAsync("Contact: <sip:alice@192.0.2.10>\nExpires: 600");
        FakeRequestContext context = await SendAsync("Expires: 600");
        Assert.Equal(200, context.StatusCode);
        Assert.Single(context.Header(HeaderId.Contact));
    }

    [Fact]
    public async Task RFC3261_10_2_2_expires_0_removes()
    {
        await SendAsync("Contact: <sip:alice@192.0.2.10>\nExpires: 600");
        FakeRequestContext context = await SendAsync("Contact: <sip:alice@192.0.2.10>\nExpires: 0");
        Assert.Equal(200, context.StatusCode);
        Assert.Empty(context.Header(HeaderId.Contact));
    }

    [Fact]
    public async Task RFC3261_10_2_2_the_wildcard_removes_all_and_an_absent_address_is_fine()
    {
        await SendAsync("Contact: <sip:alice@192.0.2.10>, <sip:alice@192.0.2.11>\nExpires: 600");
        Assert.Equal(2, (await location.FetchAsync(Alice)).Bindings.Count);
        Assert.Equal(200, (await SendAsync("Contact: *\nExpires: 0")).StatusCode);
        Assert.Empty((await location.FetchAsync(Alice)).Bindings);
        Assert.Equal(200, (await SendAsync("Contact: *\nExpires: 0")).StatusCode);
    }

    [Theory]
    [InlineData("Contact: *", 400)]
    [InlineData("Contact: *\nExpires: 60", 400)]
    [InlineData("Contact: *, <sip:alice@192.0.2.10>\nExpires: 0", 400)]
    [InlineData("Contact: *\nContact: *\nExpires: 0", 400)]
    [InlineData("Contact: <sip:alice@>", 400)]
    [InlineData("Contact: <tel:+331>", 400)]
    [InlineData("Contact: <sip:1@h>, <sip:2@h>, <sip:3@h>", 403)]
    [InlineData("Contact: <sip:1@h>\nRequire: pref", 420)]
    public async Task What_cannot_be_done_is_refused_and_nothing_changes(string headers, int code)
    {
        FakeRequestContext context = await SendAsync(headers, new RegistrarOptions { MaxContactsPerRegistration = 2 });
        Assert.Equal(code, context.StatusCode);
        Assert.Empty((await location.FetchAsync(Alice)).Bindings);
    }

    [Fact]
    public async Task RFC3261_8_2_2_3_an_unknown_required_option_is_named()
    {
        FakeRequestContext context = await SendAsync("Contact: <sip:1@h>\nRequire: path, pref");
        Assert.Equal(["pref"], context.Header(HeaderId.Unsupported));
    }

    [Fact]
    public async Task A_request_of_the_past_is_refused()
    {
        await SendAsync("Contact: <sip:alice@192.0.2.10>\nExpires: 600");
        cseq = 0;
        FakeRequestContext context = await SendAsync("Contact: <sip:alice@192.0.2.10>\nExpires: 0");
        Assert.Equal(400, context.StatusCode);
        Assert.Equal("Replayed CSeq", context.Reason);
        await SingleAsync();
    }

    [Fact]
    public async Task Nobody_registers_for_another()
    {
        Assert.Equal(403, (await SendAsync("Contact: <sip:1@h>", to: "sip:bob@example.org")).StatusCode);
        Assert.Equal(403, (await SendAsync("Contact: <sip:1@h>", identity: "bob@example.org")).StatusCode);
        Assert.Equal(200, (await SendAsync("Contact: <sip:1@h>", identity: Alice)).StatusCode);
    }

    [Fact]
    public async Task A_foreign_domain_is_left_to_the_next_module()
    {
        FakeRequestContext context = await SendAsync("Contact: <sip:1@h>", from: "sip:alice@example.com");
        Assert.Equal(0, context.StatusCode);
        Assert.False(context.IsOver);
    }

    [Fact]
    public async Task A_domain_without_user_is_refused() =>
        Assert.Equal(403, (await SendAsync("Contact: <sip:1@h>", from: "sip:example.org")).StatusCode);

    [Fact]
    public async Task User_and_host_have_one_spelling()
    {
        await SendAsync("Contact: <sip:1@h>", from: "sip:%61lice@EXAMPLE.org:5060;transport=tcp");
        Assert.Single((await location.FetchAsync(Alice)).Bindings);
    }

    [Fact]
    public async Task RFC3327_a_path_is_kept_and_answered()
    {
        FakeRequestContext context = await SendAsync("Contact: <sip:1@h>\nPath: <sip:p1;lr>\nPath: <sip:p2;lr>\nSupported: path");
        Assert.Equal(["<sip:p1;lr>", "<sip:p2;lr>"], context.Header(HeaderId.Path));
        Assert.Equal(["<sip:p1;lr>", "<sip:p2;lr>"], (await SingleAsync()).Path);
    }

    [Fact]
    public async Task RFC3608_a_service_route_is_handed_out()
    {
        FakeRequestContext context = await SendAsync("Contact: <sip:1@h>", new RegistrarOptions { ServiceRoute = "sip:a;lr  <sip:b;lr>" });
        Assert.Equal(["<sip:a;lr>", "<sip:b;lr>"], context.Header(HeaderId.ServiceRoute));
    }

    [Fact]
    public async Task The_time_told_may_be_shortened_at_random()
    {
        FakeRequestContext context = await SendAsync("Contact: <sip:1@h>;expires=1000", new RegistrarOptions { RegisterExpireRandomizerMax = 50 });
        string text = Assert.Single(context.Header(HeaderId.Contact));
        Assert.InRange(int.Parse(text[(text.LastIndexOf('=') + 1)..]), 500, 1000);
        Assert.Equal(1000, (await SingleAsync()).Expires.Subtract(clock.GetUtcNow()).TotalSeconds);
    }

    [Fact]
    public async Task An_instance_is_the_identity_and_gruu_parameters_are_not_kept()
    {
        await SendAsync("Contact: <sip:1@h;line=7>;+sip.instance=\"<urn:x>\";pub-gruu=\"sip:y\";reg-id=1");
        Binding binding = await SingleAsync();
        Assert.Equal("\"<urn:x>\"", binding.UniqueId);
        Assert.Equal(";+sip.instance=\"<urn:x>\";reg-id=1", binding.Parameters);
    }

    [Fact]
    public async Task A_uri_parameter_can_be_the_identity()
    {
        await SendAsync("Contact: <sip:1@h;line=7>");
        Assert.Equal("7", (await SingleAsync()).UniqueId);
    }

    [Fact]
    public async Task Above_the_limit_of_the_store_a_new_address_gets_503_with_Retry_After()
    {
        await SendAsync("Contact: <sip:1@h>", from: "sip:a@example.org");
        await SendAsync("Contact: <sip:1@h>", from: "sip:b@example.org");
        FakeRequestContext context = await SendAsync("Contact: <sip:1@h>");
        Assert.Equal(503, context.StatusCode);
        Assert.Single(context.Header(HeaderId.RetryAfter));
    }

    [Theory]
    [InlineData("sip:alice@192.0.2.10:5060", "192.0.2.10:5060", "192.0.2.10:5060", false, true)]
    [InlineData("sip:alice@192.168.1.5:5060", "192.168.1.5:5060", "192.0.2.10:31000", false, true)]
    [InlineData("sip:alice@192.0.2.10:5071", "192.0.2.10:5060", "192.0.2.10:5060", false, false)]
    [InlineData("sip:alice@203.0.113.9", "192.0.2.10:5060", "192.0.2.10:5060", false, false)]
    [InlineData("sip:alice@abc.invalid;transport=ws", "abc.invalid", "192.0.2.10:31000", true, true)]
    [InlineData("sip:bob@example.org", "192.0.2.10:5060", "192.0.2.10:31000", true, false)]
    [InlineData("sip:alice@example.org", "192.0.2.10:5060", "192.0.2.10:31000", true, true)]
    public async Task The_flow_is_kept_unless_the_Contact_plainly_is_elsewhere(string contact, string via, string remote, bool reliable, bool kept)
    {
        await SendAsync($"Contact: <{contact}>", via: via, remote: remote, reliable: reliable);
        Assert.Equal(kept, (await SingleAsync()).Flow is not null);
    }

    private async Task<Binding> SingleAsync() => Assert.Single((await location.FetchAsync(Alice)).Bindings);

    private async Task<FakeRequestContext> SendAsync(
        string headers, RegistrarOptions? options = null, string from = "sip:alice@example.org", string? to = null, string? identity = null,
        string via = "192.0.2.10:5060", string remote = "192.0.2.10:5060", bool reliable = false)
    {
        string raw = $"""
            REGISTER sip:example.org SIP/2.0
            Via: SIP/2.0/UDP {via};branch=z9hG4bK1
            From: <{from}>;tag=1
            To: <{to ?? from}>
            Call-ID: c1
            CSeq: {++cseq} REGISTER
            """;
        FakeRequestContext context = new(raw + "\n" + headers + "\nContent-Length: 0\n\n", remote, reliable) { Identity = identity };
        RegistrarModule module = new(
            new FixedSettings<RegistrarOptions>(options ?? new RegistrarOptions { NatKeepaliveInterval = TimeSpan.Zero }), location, new FakeDomains("example.org"), clock);
        await module.OnRequestAsync(context);
        return context;
    }
}
