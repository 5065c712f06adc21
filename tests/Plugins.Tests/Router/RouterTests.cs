using Microsoft.Extensions.Logging.Abstractions;
using Sip.B2bua;
using Sip.B2bua.Plugins.Registrar;
using Sip.B2bua.Plugins.Router;
using Sip.Messages;

namespace Plugins.Tests.Router;

public sealed class RouterTests : IDisposable
{
    private readonly TestClock clock = new();
    private readonly MemoryLocationService location;
    private readonly FakeCredentials users = new FakeCredentials().Add("bob", "example.org", "secret");

    public RouterTests() => location = new MemoryLocationService(
        new FixedSettings<MemoryLocationOptions>(new MemoryLocationOptions()), clock, NullLoggerFactory.Instance);

    public void Dispose() => location.Dispose();

    [Fact]
    public async Task The_bindings_of_a_user_become_targets_by_their_flows()
    {
        await RegisterAsync("bob@example.org", Phone("sip:bob@192.168.1.5"), Phone("sip:bob@192.168.1.6") with { Q = 0.5f });
        FakeRequestContext context = await SendAsync("sip:%62ob@EXAMPLE.org");
        Assert.False(context.IsOver);
        Assert.Equal(["sip:bob@192.168.1.5", "sip:bob@192.168.1.6"], context.Targets.Select(t => t.Uri));
        Assert.Equal([1f, 0.5f], context.Targets.Select(t => t.Q));
        Assert.All(context.Targets, t => Assert.NotNull(t.Flow));
        Assert.Contains("2 targets for bob@example.org", context.Trail.ToString());
    }

    [Fact]
    public async Task A_known_user_who_is_not_registered_gets_480() => Assert.Equal(480, (await SendAsync("sip:bob@example.org")).StatusCode);

    [Fact]
    public async Task An_unknown_user_gets_404() => Assert.Equal(404, (await SendAsync("sip:nobody@example.org")).StatusCode);

    [Fact]
    public async Task An_expired_binding_is_none()
    {
        await RegisterAsync("bob@example.org", Phone("sip:bob@192.168.1.5"));
        clock.AdvanceSeconds(601);
        Assert.Equal(480, (await SendAsync("sip:bob@example.org")).StatusCode);
    }

    [Theory]
    [InlineData("sip:bob@example.org;gr=urn:uuid:2", 0, "sip:bob@192.168.1.6")]
    [InlineData("sip:bob@example.org;gr=urn:uuid:3", 404, null)]
    [InlineData("sip:bob@example.org;gr", 404, null)]
    [InlineData("sips:bob@example.org;gr=urn:uuid:2", 480, null)]
    public async Task RFC_5627_5_1_a_public_GRUU_leads_to_that_phone_alone(string uri, int code, string? target)
    {
        await RegisterAsync(
            "bob@example.org",
            Phone("sip:bob@192.168.1.5") with { Parameters = ";+sip.instance=\"<urn:uuid:1>\"" },
            Phone("sip:bob@192.168.1.6") with { Parameters = ";+sip.instance=\"<urn:uuid:2>\"" });
        FakeRequestContext context = await SendAsync(uri);
        Assert.Equal(code, context.StatusCode);
        Assert.Equal(target, context.Targets.SingleOrDefault()?.Uri);
    }

    [Fact]
    public async Task RFC_5626_7_the_flows_of_one_phone_are_one_target_the_newest_first()
    {
        await RegisterAsync("bob@example.org", Flow("1", 0), Flow("2", 5), Flow("3", 5), Phone("sip:bob@192.168.1.9"));
        List<Target> targets = (await SendAsync("sip:bob@example.org")).Targets;
        Assert.Equal(["sip:bob@192.168.1.3", "sip:bob@192.168.1.9"], targets.Select(t => t.Uri));
        Assert.Equal("sip:bob@192.168.1.2", targets[0].NextFlow?.Uri);
        Assert.Equal("sip:bob@192.168.1.1", targets[0].NextFlow?.NextFlow?.Uri);
        Assert.Null(targets[0].NextFlow?.NextFlow?.NextFlow);
        Assert.Null(targets[1].NextFlow);

        static Binding Flow(string number, int seconds)
        {
            Binding phone = Phone("sip:bob@192.168.1." + number);
            return phone with
            {
                UniqueId = "urn:uuid:1;reg-id=" + number,
                Parameters = ";+sip.instance=\"<urn:uuid:1>\";reg-id=" + number,
                Updated = phone.Updated.AddSeconds(seconds),
            };
        }
    }

    [Fact]
    public async Task A_stored_path_becomes_the_route()
    {
        await RegisterAsync("bob@example.org", Phone("sip:bob@192.168.1.5") with { Path = ["<sip:edge;lr>"] });
        Assert.Equal(["<sip:edge;lr>"], Assert.Single((await SendAsync("sip:bob@example.org")).Targets).Route);
    }

    [Fact]
    public async Task RFC5630_a_sips_URI_goes_to_secure_contacts_only()
    {
        await RegisterAsync("bob@example.org", Phone("sip:bob@192.168.1.5"));
        FakeRequestContext refused = await SendAsync("sips:bob@example.org");
        Assert.Equal(480, refused.StatusCode);
        Assert.Equal(["380 198.51.100.1 \"SIPS not allowed\""], refused.Header(HeaderId.Warning));
        await RegisterAsync("bob@example.org", Phone("sip:bob@192.168.1.5"), Phone("sips:bob@192.168.1.6"));
        Assert.Equal("sips:bob@192.168.1.6", Assert.Single((await SendAsync("sips:bob@example.org")).Targets).Uri);
    }

    [Fact]
    public async Task A_stranger_is_taken_to_no_foreign_domain()
    {
        FakeRequestContext context = await SendAsync("sip:carol@example.com");
        Assert.Equal(403, context.StatusCode);
        Assert.Empty(context.Targets);
    }

    [Fact]
    public async Task A_stranger_who_calls_this_server_by_an_address_that_it_does_not_serve_is_told_so()
    {
        FakeRequestContext context = await SendAsync("sip:+4930111@198.51.100.1");
        Assert.Equal((403, "Unknown caller"), (context.StatusCode, context.Reason));
        Assert.Equal(482, (await SendAsync("sip:+4930111@198.51.100.1", trusted: true)).StatusCode);
    }

    [Theory]
    [InlineData(true, "<sip:x@10.0.0.1>, <sip:y@10.0.0.2>")]
    [InlineData(false, null)]
    public async Task The_fallback_route_gets_X_target_uris_again(bool trusted, string? listed)
    {
        RouterOptions options = new() { FallbackRoute = "sip:192.0.2.99" };
        FakeRequestContext context = await SendAsync("sip:bob@example.org", "X-Target-Uris: <sip:x@10.0.0.1>, <sip:y@10.0.0.2>", options: options, trusted: trusted);
        Assert.Equal(listed, Assert.Single(context.Targets).Headers.FirstOrDefault(header => header.Name == "X-target-uris").Value);
    }

    [Fact]
    public async Task Who_is_known_or_trusted_is_taken_to_a_foreign_domain()
    {
        Assert.Equal("sip:carol@example.com", Assert.Single((await SendAsync("sip:carol@example.com", identity: "bob@example.org")).Targets).Uri);
        Assert.Equal("sip:carol@example.com", Assert.Single((await SendAsync("sip:carol@example.com", trusted: true)).Targets).Uri);
    }

    [Fact]
    public async Task A_stranger_names_no_route_and_who_is_known_does()
    {
        const string Route = "Route: <sip:198.51.100.1;lr>, <sip:192.0.2.66;lr>";
        Assert.Equal(403, (await SendAsync("sip:carol@example.com", Route)).StatusCode);
        FakeRequestContext context = await SendAsync("sip:carol@example.com", Route, identity: "bob@example.org");
        Assert.Equal(["<sip:192.0.2.66;lr>"], Assert.Single(context.Targets).Route);
    }

    [Fact]
    public async Task X_Target_Uris_is_not_followed()
    {
        await RegisterAsync("bob@example.org", Phone("sip:bob@192.168.1.5"));
        FakeRequestContext context = await SendAsync("sip:bob@example.org", "X-Target-Uris: <sip:mallory@192.0.2.66>");
        Assert.Equal("sip:bob@192.168.1.5", Assert.Single(context.Targets).Uri);
    }

    [Fact]
    public async Task A_request_to_ourselves_without_a_served_domain_is_a_loop() =>
        Assert.Equal(482, (await SendAsync("sip:bob@198.51.100.1", identity: "bob@example.org")).StatusCode);

    [Fact]
    public async Task A_binding_to_ourselves_is_a_loop()
    {
        await RegisterAsync("bob@example.org", Phone("sip:bob@198.51.100.1") with { Flow = null });
        Assert.Equal(482, (await SendAsync("sip:bob@example.org")).StatusCode);
    }

    [Fact]
    public async Task An_alias_is_followed_one_step()
    {
        await RegisterAsync("sales@example.org", Phone("sip:bob@example.org") with { Flow = null });
        await RegisterAsync("bob@example.org", Phone("sip:bob@192.168.1.5"), Phone("sip:sales@example.org") with { Flow = null });
        Target target = Assert.Single((await SendAsync("sip:sales@example.org")).Targets);
        Assert.Equal("sip:bob@192.168.1.5", target.Uri);
        Assert.Equal("bob@example.org", target.AddressOfRecord);
    }

    [Fact]
    public async Task A_message_is_kept_under_the_address_whose_phones_it_is_for()
    {
        RouterOptions options = new() { ParentDomainFallback = true };
        Assert.Equal("bob@example.org", await KeptAsync("sip:bob@example.org", options));
        await RegisterAsync("bob@example.org", Phone("sip:sales@example.org") with { Flow = null });
        Assert.Equal("sales@example.org", await KeptAsync("sip:bob@example.org", options)); // by an alias, and nobody there
        await RegisterAsync("sales@example.org", Phone("sip:sales@192.168.1.5"));
        Assert.Equal("sales@example.org", await KeptAsync("sip:bob@example.org", options));
        Assert.Equal("sales@example.org", await KeptAsync("sip:bob@a.b.example.org", options)); // by a parent domain, too
    }

    [Fact]
    public async Task A_message_for_the_phones_of_several_users_goes_to_who_is_there()
    {
        await RegisterAsync("sales@example.org", Phone("sip:bob@example.org") with { Flow = null }, Phone("sip:sales@192.168.1.6"));
        await RegisterAsync("bob@example.org", Phone("sip:bob@192.168.1.5"));
        FakeRequestContext context = await SendAsync("sip:sales@example.org", method: "MESSAGE");
        Assert.Equal(2, context.Targets.Count);
        Assert.Null(context.LateDelivery);
    }

    [Theory]
    [InlineData("INVITE", 2)]
    [InlineData("MESSAGE", 2)]
    [InlineData("OPTIONS", 1)]
    public async Task Static_targets_are_added_to_calls_and_messages(string method, int count)
    {
        await RegisterAsync("bob@example.org", Phone("sip:bob@192.168.1.5"));
        FakeRequestContext context = await SendAsync("sip:bob@example.org", method: method, options: new RouterOptions { StaticTargets = ["sip:rec@192.0.2.7"] });
        Assert.Equal(count, context.Targets.Count);
    }

    [Fact]
    public async Task The_fallback_route_is_tried_last_with_the_URI_unchanged()
    {
        await RegisterAsync("bob@example.org", Phone("sip:bob@192.168.1.5"));
        FakeRequestContext context = await SendAsync("sip:bob@example.org", options: new RouterOptions { FallbackRoute = "pbx.example.org" });
        Target fallback = context.Targets[^1];
        Assert.Equal("sip:bob@example.org", fallback.Uri);
        Assert.Equal(["<sip:pbx.example.org;lr>"], fallback.Route);
        Assert.Equal(0, fallback.Q);
    }

    [Fact]
    public async Task The_fallback_route_is_left_out_by_its_filter_and_for_what_comes_from_there()
    {
        RouterOptions options = new() { FallbackRoute = "sip:192.0.2.10" };
        Assert.Equal(480, (await SendAsync("sip:bob@example.org", options: options)).StatusCode);
        options = new() { FallbackRoute = "sip:192.0.2.99", FallbackRouteFilter = BooleanExpression.False };
        Assert.Equal(480, (await SendAsync("sip:bob@example.org", options: options)).StatusCode);
    }

    [Fact]
    public async Task Parent_domains_are_climbed_and_the_climb_ends()
    {
        RouterOptions options = new() { ParentDomainFallback = true };
        await RegisterAsync("bob@example.org", Phone("sip:bob@192.168.1.5"));
        Assert.Single((await SendAsync("sip:bob@a.b.example.org", options: options)).Targets);
        Assert.Equal(404, (await SendAsync("sip:dave@a.b.example.org", options: options)).StatusCode);
    }

    [Fact]
    public async Task RFC3261_8_2_2_1_another_scheme_gets_416() => Assert.Equal(416, (await SendAsync("tel:+33123")).StatusCode);

    [Fact]
    public async Task Targets_that_a_module_before_has_found_stand()
    {
        FakeRequestContext context = Make("sip:bob@example.org", "", "INVITE");
        context.Targets.Add(new Target("sip:other@192.0.2.5"));
        await Module(new RouterOptions()).OnRequestAsync(context);
        Assert.Equal("sip:other@192.0.2.5", Assert.Single(context.Targets).Uri);
    }

    private static FakeRequestContext Make(string uri, string headers, string method) => new($"""
        {method} {uri} SIP/2.0
        Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK1
        From: <sip:alice@example.org>;tag=1
        To: <{uri}>
        Call-ID: c1
        CSeq: 1 {method}
        """ + "\n" + headers + (headers.Length > 0 ? "\n" : "") + "Content-Length: 0\n\n");

    private static Binding Phone(string contact) => new()
    {
        Contact = contact,
        UniqueId = contact,
        Expires = new DateTimeOffset(2026, 11, 22, 12, 10, 0, TimeSpan.Zero),
        Updated = new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero),
        CallId = "c",
        CSeq = 1,
        Flow = FakeRequestContext.FlowFrom("203.0.113.9:31000"),
    };

    private RouterModule Module(RouterOptions options) =>
        new(new FixedSettings<RouterOptions>(options), location, users, new FakeDomains("example.org", "a.b.example.org"), clock, NullLoggerFactory.Instance);

    private async Task<string?> KeptAsync(string uri, RouterOptions options) => (await SendAsync(uri, method: "MESSAGE", options: options)).LateDelivery?.AddressOfRecord;

    private async Task RegisterAsync(string addressOfRecord, params Binding[] bindings) =>
        Assert.True(await location.TryStoreAsync(addressOfRecord, await location.FetchAsync(addressOfRecord), bindings));

    private async Task<FakeRequestContext> SendAsync(
        string uri, string headers = "", string method = "INVITE", RouterOptions? options = null, string? identity = null, bool trusted = false)
    {
        FakeRequestContext context = Make(uri, headers, method);
        context.Identity = identity;
        context.IsTrusted = trusted;
        await Module(options ?? new RouterOptions()).OnRequestAsync(context);
        return context;
    }
}
