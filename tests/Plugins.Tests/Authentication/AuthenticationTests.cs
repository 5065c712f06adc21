using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Sip.B2bua;
using Sip.B2bua.Plugins.Authentication;
using Sip.Headers;
using Sip.Messages;

namespace Plugins.Tests.Authentication;

public sealed class AuthenticationTests
{
    private readonly TestClock clock = new();
    private readonly FakeCredentials users = new FakeCredentials()
        .Add("alice", "example.org", "secret")
        .Add("hash", "example.org", new Credential { AuthenticationName = "hash", Sha256 = Ha1(DigestAlgorithm.Sha256, "hash", "example.org", "secret") })
        .Add("named", "example.org", new Credential { AuthenticationName = "login", ClearText = "secret" });

    private AuthenticationModule? module;
    private AuthenticationOptions options = new() { AuthDomains = ["example.org"] };

    [Theory]
    [InlineData("REGISTER", 401, HeaderId.WwwAuthenticate)]
    [InlineData("INVITE", 407, HeaderId.ProxyAuthenticate)]
    [InlineData("MESSAGE", 407, HeaderId.ProxyAuthenticate)]
    public async Task RFC3261_22_without_credentials_comes_a_challenge(string method, int code, HeaderId header)
    {
        FakeRequestContext context = await SendAsync(method);
        Assert.Equal(code, context.StatusCode);
        string value = Assert.Single(context.Header(header));
        Assert.True(DigestChallenge.TryParse(Encoding.UTF8.GetBytes(value), out DigestChallenge challenge));
        Assert.Equal("example.org", Encoding.UTF8.GetString(challenge.Realm));
        Assert.True(challenge.OffersAuth);
        Assert.False(challenge.Stale);
        Assert.Null(context.Identity);
    }

    [Theory]
    [InlineData("REGISTER")]
    [InlineData("INVITE")]
    public async Task The_right_password_proves_who_sends(string method)
    {
        FakeRequestContext context = await LogInAsync(new Answer { Method = method });
        Assert.False(context.IsOver);
        Assert.Equal("alice@example.org", context.Identity);
    }

    [Theory]
    [InlineData("ACK")]
    [InlineData("CANCEL")]
    [InlineData("BYE")]
    public async Task RFC3261_22_1_ACK_CANCEL_and_BYE_are_not_challenged(string method) => Assert.False((await SendAsync(method)).IsOver);

    [Theory]
    [InlineData("192.0.2.10")]
    [InlineData("192.0.2.0/24")]
    public async Task A_trusted_host_is_not_challenged(string word)
    {
        options = new() { AuthDomains = ["example.org"], TrustedHosts = [word] };
        FakeRequestContext context = await SendAsync("INVITE");
        Assert.False(context.IsOver);
        Assert.True(context.IsTrusted);
    }

    [Theory]
    [InlineData("example.org", "example.org", true)]
    [InlineData("Example.ORG", "example.org", true)]
    [InlineData("example.org", "evil-example.org", false)]
    [InlineData("*", "anything.test", true)]
    [InlineData("*.example.org", "a.example.org", true)]
    [InlineData("*.example.org", "example.org", false)]
    [InlineData("localhost", "198.51.100.1", true)]
    [InlineData("localhost", "198.51.100.2", false)]
    [InlineData("localhost", "example.org", false)]
    [InlineData("a*a", "a", false)]
    [InlineData("sip.*.org", "sip.x.org.evil.com", false)]
    public async Task A_From_outside_auth_domains_is_refused(string word, string domain, bool served)
    {
        options = new() { AuthDomains = [word] };
        FakeRequestContext context = await SendAsync("INVITE", from: $"sip:alice@{domain}");
        Assert.Equal(served ? 407 : 403, context.StatusCode);
        Assert.Equal(served ? "Proxy Authentication Required" : "Domain forbidden", context.Reason);
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_user_get_the_same_answer()
    {
        FakeRequestContext wrong = await LogInAsync(new Answer { Password = "guess" });
        FakeRequestContext unknown = await LogInAsync(new Answer { User = "nobody" });
        Assert.Equal((403, "Forbidden"), (wrong.StatusCode, wrong.Reason));
        Assert.Equal((403, "Forbidden"), (unknown.StatusCode, unknown.Reason));
        Assert.Null(wrong.Identity);
    }

    [Fact]
    public async Task A_challenge_does_not_tell_whether_the_user_exists()
    {
        options = new() { AuthDomains = ["example.org"], AvailableAlgorithms = ["SHA-256", "MD5"] };
        Assert.Equal(Shape(await SendAsync("INVITE")), Shape(await SendAsync("INVITE", from: "sip:nobody@example.org")));

        static IEnumerable<string> Shape(FakeRequestContext context) =>
            context.Header(HeaderId.ProxyAuthenticate).Select(v => System.Text.RegularExpressions.Regex.Replace(v, "nonce=\"[^\"]*\"", "nonce"));
    }

    [Fact]
    public async Task RFC8760_2_4_there_is_a_challenge_for_each_algorithm_in_order()
    {
        options = new() { AuthDomains = ["example.org"], AvailableAlgorithms = ["SHA-256", "MD5"] };
        List<string> both = (await SendAsync("INVITE")).Header(HeaderId.ProxyAuthenticate);
        Assert.Equal(2, both.Count);
        Assert.Contains("algorithm=SHA-256", both[0]);
        Assert.Contains("algorithm=MD5", both[1]);
        Assert.Contains("algorithm=SHA-256", Assert.Single((await SendAsync("INVITE", from: "sip:hash@example.org")).Header(HeaderId.ProxyAuthenticate)));
    }

    [Theory]
    [InlineData("SHA-256", "alice", true)]
    [InlineData("SHA-256", "hash", true)]
    [InlineData("MD5", "hash", false)]
    [InlineData("SHA-256-sess", "alice", true)]
    [InlineData("SHA-512-256", "alice", false)]
    public async Task An_algorithm_that_was_not_offered_counts_as_a_wrong_password(string algorithm, string user, bool accepted)
    {
        options = new() { AuthDomains = ["example.org"], AvailableAlgorithms = [] };
        FakeRequestContext context = await LogInAsync(new Answer { User = user, Algorithm = algorithm });
        Assert.Equal(accepted ? 0 : 403, context.StatusCode);
    }

    [Fact]
    public async Task With_no_403_a_wrong_password_is_asked_for_again()
    {
        options = new() { AuthDomains = ["example.org"], No403 = BooleanExpression.True };
        Assert.Equal(407, (await LogInAsync(new Answer { Password = "guess" })).StatusCode);
    }

    [Fact]
    public async Task An_old_nonce_is_stale_and_a_fresh_one_works()
    {
        Answer answer = await AskAsync(new Answer());
        clock.AdvanceSeconds(3601);
        FakeRequestContext context = await SendAsync(answer);
        Assert.Equal(407, context.StatusCode);
        Assert.Contains("stale=true", Assert.Single(context.Header(HeaderId.ProxyAuthenticate)));
        Assert.False((await LogInAsync(answer)).IsOver);
    }

    [Theory]
    [InlineData("00")]
    [InlineData("zz")]
    [InlineData("6560000000000000000000000000000000000000000000000000000a")]
    public async Task A_nonce_that_is_not_ours_is_stale(string nonce) =>
        Assert.Contains("stale=true", Assert.Single((await SendAsync(new Answer { Nonce = nonce })).Header(HeaderId.ProxyAuthenticate)));

    [Fact]
    public async Task A_nonce_is_good_for_its_realm_only()
    {
        options = new() { AuthDomains = ["*"] };
        users.Add("alice", "example.com", "secret");
        Answer answer = await AskAsync(new Answer());
        FakeRequestContext context = await SendAsync(answer with { Domain = "example.com" });
        Assert.Contains("stale=true", Assert.Single(context.Header(HeaderId.ProxyAuthenticate)));
    }

    [Fact]
    public async Task A_replay_is_refused_and_a_retransmission_is_not()
    {
        Answer answer = await AskAsync(new Answer());
        Assert.False((await SendAsync(answer)).IsOver);
        Assert.False((await SendAsync(answer)).IsOver);
        Assert.Equal(407, (await SendAsync(answer with { CallId = "another" })).StatusCode);
        Assert.Equal(407, (await SendAsync(answer with { CSeq = 7 })).StatusCode);
    }

    [Fact]
    public async Task Requests_that_overtook_each_other_are_taken_once_each()
    {
        Answer answer = await AskAsync(new Answer());
        Assert.False((await SendAsync(answer with { Nc = "00000003", CallId = "c" })).IsOver);
        Assert.False((await SendAsync(answer with { Nc = "00000002", CallId = "b" })).IsOver);
        Assert.Equal(407, (await SendAsync(answer with { Nc = "00000002", CallId = "d" })).StatusCode);
    }

    [Fact]
    public async Task Credentials_for_another_URI_are_refused()
    {
        FakeRequestContext context = await LogInAsync(new Answer { DigestUri = "sip:other@example.org" });
        Assert.Equal(400, context.StatusCode);
        Assert.False((await LogInAsync(new Answer { DigestUri = "sip:%62ob@EXAMPLE.org" })).IsOver);
    }

    [Theory]
    [InlineData("qop=auth, ", "")]
    [InlineData("nc=00000001, ", "")]
    [InlineData("cnonce=\"c\", ", "")]
    [InlineData("username=\"alice\", ", "")]
    [InlineData("nc=00000001", "nc=1")]
    [InlineData("nc=00000001", "nc=00000000")]
    public async Task Incomplete_credentials_get_400(string part, string instead)
    {
        Answer answer = await AskAsync(new Answer { Edit = text => text.Replace(part, instead) });
        Assert.Equal(400, (await SendAsync(answer)).StatusCode);
    }

    [Fact]
    public async Task Without_qop_the_scheme_of_RFC2069_works_where_it_is_allowed()
    {
        options = new() { AuthDomains = ["example.org"], DisableQopAuth = true };
        Answer answer = await AskAsync(new Answer { Qop = "" });
        Assert.False((await SendAsync(answer)).IsOver);
        Assert.DoesNotContain("qop", Assert.Single((await SendAsync("INVITE")).Header(HeaderId.ProxyAuthenticate)));
    }

    [Fact]
    public async Task Credentials_of_other_realms_are_passed_over()
    {
        Answer answer = await AskAsync(new Answer { Before = "Proxy-Authorization: Digest username=\"x\", realm=\"elsewhere\", nonce=\"n\", uri=\"u\", response=\"r\"\n" });
        Assert.False((await SendAsync(answer)).IsOver);
        Assert.Equal(407, (await SendAsync("INVITE", headers: answer.Before)).StatusCode);
    }

    [Theory]
    [InlineData("pbx", "")]
    [InlineData("regex:@(.*)$", "")]
    [InlineData("", "al[a-z]+")]
    public async Task A_realm_can_be_set_and_clear_text_users_still_get_in(string realm, string regex)
    {
        options = new() { AuthDomains = ["example.org"], Realm = realm, RealmRegex = regex };
        string expected = realm == "pbx" ? "pbx" : regex.Length > 0 ? "alice" : "example.org";
        FakeRequestContext context = await LogInAsync(new Answer { Realm = expected });
        Assert.False(context.IsOver);
    }

    [Fact]
    public async Task A_realm_that_is_not_found_is_500()
    {
        options = new() { AuthDomains = ["example.org"], RealmRegex = "nothing" };
        Assert.Equal(500, (await SendAsync("INVITE")).StatusCode);
    }

    [Fact]
    public async Task The_authentication_name_of_the_store_counts_not_the_user_part()
    {
        Assert.False((await LogInAsync(new Answer { User = "named", AuthName = "login" })).IsOver);
        Assert.Equal(403, (await LogInAsync(new Answer { User = "named" })).StatusCode);
    }

    [Fact]
    public async Task Nobody_is_another_with_his_own_password()
    {
        users.Add("bob", "example.org", "bobs");
        Assert.Equal(403, (await LogInAsync(new Answer { User = "alice", AuthName = "bob", Password = "bobs" })).StatusCode);
    }

    [Fact]
    public async Task RFC3325_an_anonymous_caller_is_who_he_prefers_to_be_and_proves_it()
    {
        Answer answer = await AskAsync(new Answer
        {
            From = "sip:anonymous@anonymous.invalid",
            Before = "P-Preferred-Identity: <sip:alice@example.org>\n",
        });
        Assert.Equal("alice@example.org", (await SendAsync(answer)).Identity);
        Assert.Equal(403, (await SendAsync("INVITE", from: "sip:anonymous@anonymous.invalid")).StatusCode);
    }

    [Fact]
    public async Task Guesses_are_slowed_and_time_forgives()
    {
        for (int i = 0; i < 5; i++)
        {
            await LogInAsync(new Answer { Password = "guess" });
        }

        Assert.Equal(403, (await LogInAsync(new Answer())).StatusCode);
        Assert.False((await LogInAsync(new Answer(), "192.0.2.99:5060")).IsOver);
        clock.AdvanceSeconds(2);
        Assert.False((await LogInAsync(new Answer())).IsOver);
    }

    [Fact]
    public async Task The_pause_grows_with_each_guess()
    {
        for (int i = 0; i < 8; i++)
        {
            await LogInAsync(new Answer { Password = "guess" });
            clock.AdvanceSeconds(100);
        }

        await LogInAsync(new Answer { Password = "guess" });
        clock.AdvanceSeconds(15);
        Assert.Equal(403, (await LogInAsync(new Answer())).StatusCode);
        clock.AdvanceSeconds(2);
        Assert.False((await LogInAsync(new Answer())).IsOver);
    }

    [Fact]
    public async Task A_sender_who_gave_up_meanwhile_is_not_answered()
    {
        FakeRequestContext context = Make("INVITE", "sip:alice@example.org", "", "c1", 1);
        users.Meanwhile = () => context.IsCancelled = true;
        Assert.Equal(Verdict.Done, await (await ModuleAsync()).OnRequestAsync(context));
        Assert.Null(context.Response);
    }

    [Fact]
    public void Mistakes_in_the_settings_are_told()
    {
        Assert.Equal("trusted-hosts", Assert.Single(new AuthenticationOptions { TrustedHosts = ["192.0.2.0/99"] }.Check()).Key);
        Assert.Equal("realm-regex", Assert.Single(new AuthenticationOptions { Realm = "a", RealmRegex = "b" }.Check()).Key);
        Assert.Equal("realm-regex", Assert.Single(new AuthenticationOptions { RealmRegex = "(" }.Check()).Key);
        Assert.Equal("realm", Assert.Single(new AuthenticationOptions { Realm = "regex:(a)\\1" }.Check()).Key);
    }

    private static string Ha1(DigestAlgorithm algorithm, string user, string realm, string password)
    {
        Span<byte> hex = stackalloc byte[DigestHash.MaxHexLength];
        int length = DigestHash.Ha1(
            algorithm, Encoding.UTF8.GetBytes(user), Encoding.UTF8.GetBytes(realm), Encoding.UTF8.GetBytes(password), hex);
        return Encoding.UTF8.GetString(hex[..length]);
    }

    private static FakeRequestContext Make(string method, string from, string headers, string callId, int cseq, string remote = "192.0.2.10:5060") =>
        new($"""
            {method} sip:bob@example.org SIP/2.0
            Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK1
            From: <{from}>;tag=1
            To: <sip:bob@example.org>
            Call-ID: {callId}
            CSeq: {cseq} {method}
            """ + "\n" + headers + "Content-Length: 0\n\n", remote);

    private async Task<AuthenticationModule> ModuleAsync()
    {
        if (module is null)
        {
            module = new AuthenticationModule(new FixedSettings<AuthenticationOptions>(options), users, new FakeDomains(), clock, NullLoggerFactory.Instance);
            await module.StartAsync(CancellationToken.None);
        }

        return module;
    }

    private async Task<FakeRequestContext> SendAsync(string method, string from = "sip:alice@example.org", string headers = "")
    {
        FakeRequestContext context = Make(method, from, headers, "c1", 1);
        await (await ModuleAsync()).OnRequestAsync(context);
        return context;
    }

    private async Task<FakeRequestContext> SendAsync(Answer answer, string remote = "192.0.2.10:5060")
    {
        FakeRequestContext context = Make(
            answer.Method, answer.From ?? $"sip:{answer.User}@{answer.Domain}", answer.ToHeaders(), answer.CallId, answer.CSeq, remote);
        await (await ModuleAsync()).OnRequestAsync(context);
        return context;
    }

    // Gets a nonce as a phone does: by being asked.
    private async Task<Answer> AskAsync(Answer answer)
    {
        FakeRequestContext context = Make(
            answer.Method, answer.From ?? $"sip:{answer.User}@{answer.Domain}", answer.Before, "ask", 1);
        await (await ModuleAsync()).OnRequestAsync(context);
        string value = context.Header(answer.Method == "REGISTER" ? HeaderId.WwwAuthenticate : HeaderId.ProxyAuthenticate)[0];
        Assert.True(DigestChallenge.TryParse(Encoding.UTF8.GetBytes(value), out DigestChallenge challenge));
        return answer with { Nonce = Encoding.UTF8.GetString(challenge.Nonce) };
    }

    private async Task<FakeRequestContext> LogInAsync(Answer answer, string remote = "192.0.2.10:5060") =>
        await SendAsync(await AskAsync(answer), remote);

    /// <summary>What a phone writes into its credentials.</summary>
    private sealed record Answer
    {
        public string Method { get; init; } = "INVITE";

        public string User { get; init; } = "alice";

        public string? AuthName { get; init; }

        public string Domain { get; init; } = "example.org";

        public string? From { get; init; }

        public string? Realm { get; init; }

        public string Password { get; init; } = "secret";

        public string Nonce { get; init; } = "";

        public string Nc { get; init; } = "00000001";

        public string Qop { get; init; } = "auth";

        public string Algorithm { get; init; } = "MD5";

        public string DigestUri { get; init; } = "sip:bob@example.org";

        public string CallId { get; init; } = "c1";

        public int CSeq { get; init; } = 1;

        public string Before { get; init; } = "";

        public Func<string, string> Edit { get; init; } = text => text;

        public string ToHeaders()
        {
            DigestAlgorithm algorithm = DigestHash.FindAlgorithm(Encoding.UTF8.GetBytes(Algorithm));
            string user = AuthName ?? User;
            string realm = Realm ?? Domain;
            Span<byte> hex = stackalloc byte[DigestHash.MaxHexLength];
            int length = DigestHash.Response(
                algorithm,
                Encoding.UTF8.GetBytes(Ha1(algorithm, user, realm, Password)),
                Encoding.UTF8.GetBytes(Method),
                Encoding.UTF8.GetBytes(DigestUri),
                Encoding.UTF8.GetBytes(Nonce),
                Encoding.UTF8.GetBytes(Nc),
                "c"u8,
                Encoding.UTF8.GetBytes(Qop),
                default,
                hex);
            string header = Method == "REGISTER" ? "Authorization" : "Proxy-Authorization";
            string qop = Qop.Length > 0 ? $"qop={Qop}, nc={Nc}, cnonce=\"c\", " : "";
            return Before + header + ": " + Edit(
                $"Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{Nonce}\", uri=\"{DigestUri}\", {qop}algorithm={Algorithm}, "
                + $"response=\"{Encoding.UTF8.GetString(hex[..length])}\"") + "\n";
        }
    }
}
