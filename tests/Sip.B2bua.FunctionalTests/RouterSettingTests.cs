namespace Sip.B2bua.FunctionalTests;

/// <summary>Settings of the Router and the Registrar that decide where requests go: one domain, Routes, joined INVITEs, sleeping phones.</summary>
public sealed class RouterSettingTests : InMemoryTests
{
    private const string TwoDomains = "[module::Registrar]\nreg-domains=example.org other.org\n";
    private const string Trusted = "[module::Authentication]\nenabled=true\ntrusted-hosts=198.51.100.0/24\n";
    private const string One = "sip:bob@10.0.0.1:5060";
    private const string Two = "sip:bob@10.0.0.2:5060";
    private const string Behind = "Supported: path\r\nPath: <sip:203.0.113.20;lr>, <sip:203.0.113.21;lr>";

    [Fact]
    public void With_use_global_domain_a_phone_of_any_domain_is_called_in_every_domain()
    {
        Start(TwoDomains + "[module::Router]\nuse-global-domain=true");
        TestPhone bob = AddPhoneOf("other.org");
        bob.Register();
        RefusedCall(Server.AddPhone("alice"), bob, TestCalls.Bob);
        RefusedCall(Server.AddPhone("carol"), bob, "sip:bob@other.org");
    }

    [Fact]
    public void Without_it_each_domain_has_users_of_its_own()
    {
        Start(TwoDomains);
        TestPhone bob = AddPhoneOf("other.org");
        bob.Register();
        TestPhone alice = Server.AddPhone("alice");
        alice.Invite(TestCalls.Bob);
        alice.Expect(480);
        bob.ExpectNothing();
    }

    [Fact]
    public void With_use_global_domain_a_late_phone_of_another_domain_joins()
    {
        Start(TwoDomains + "[module::Router]\nuse-global-domain=true\nfork-late=true");
        TestPhone first = Server.AddPhone("bob", registered: true);
        TestPhone alice = Server.AddPhone("alice");
        alice.Invite(TestCalls.Bob);
        first.Expect("INVITE");
        first.Reply(180);
        alice.Expect(100);
        alice.Expect(180);
        TestPhone second = AddPhoneOf("other.org");
        second.Register();
        second.Expect("INVITE");
        second.Reply(603);
        second.Expect("ACK");
        first.Expect("CANCEL");
        first.Reply(200);
        alice.Expect(603);
    }

    [Fact]
    public void With_use_global_domain_a_kept_message_reaches_the_phone_in_another_domain()
    {
        Start(TwoDomains + "[module::Router]\nuse-global-domain=true");
        TestPhone alice = Server.AddPhone("alice");
        alice.AskOutside("MESSAGE", TestCalls.Bob, "hello");
        alice.Expect(202);
        TestPhone bob = AddPhoneOf("other.org");
        bob.Register();
        Assert.Equal("hello", bob.Expect("MESSAGE").Body);
        bob.Reply(200);
        bob.ExpectNothing();
    }

    [Theory]
    [InlineData("sip:bob@sales.example.org", true, 480)]
    [InlineData("sip:bob@sales.example.org", false, 404)]
    [InlineData("sip:nobody@sales.example.org", true, 404)]
    public void With_parent_domain_fallback_a_user_whom_only_the_parent_domain_knows_is_not_registered(string uri, bool goesUp, int code)
    {
        Start($"[module::Registrar]\nreg-domains=example.org sales.example.org\n[module::Router]\nparent-domain-fallback={(goesUp ? "true" : "false")}");
        TestPhone alice = Server.AddPhone("alice");
        alice.Invite(uri);
        alice.Expect(code);
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void With_resolve_routes_a_user_of_ours_is_looked_up_whatever_Route_says(bool resolves, bool rings)
    {
        Start($"{Trusted}[module::Router]\nresolve-routes={(resolves ? "true" : "false")}");
        TestPhone bob = Server.AddPhone("bob", registered: true);
        TestPhone other = Server.AddPhoneAt("203.0.113.20:5060", "other");
        TestPhone alice = Server.AddPhone("alice");
        alice.Invite(TestCalls.Bob, headers: "Route: <sip:192.0.2.1;lr>, <sip:203.0.113.20;lr>");
        TestPhone called = rings ? bob : other;
        TestMessage invite = called.Expect("INVITE");
        Assert.Equal(rings ? bob.ContactUri : TestCalls.Bob, invite.RequestUri);
        Assert.Equal(rings ? "" : "<sip:203.0.113.20;lr>", invite.Header("Route"));
        Refuse(alice, called);
    }

    [Fact]
    public void Without_resolve_routes_a_stranger_s_Route_leads_nowhere()
    {
        Start("[module::Router]\nresolve-routes=false");
        TestPhone bob = Server.AddPhone("bob", registered: true);
        TestPhone alice = Server.AddPhone("alice");
        alice.Invite(TestCalls.Bob, headers: "Route: <sip:203.0.113.20;lr>");
        bob.Expect("INVITE");
        Refuse(alice, bob);
    }

    [Fact]
    public void With_allow_target_factorization_phones_behind_the_same_proxies_get_one_INVITE()
    {
        Start("[module::Router]\nallow-target-factorization=true");
        TestPhone proxy = AddProxyWithPhones();
        TestPhone alone = Server.AddPhone("bob", registered: true);
        TestPhone alice = Server.AddPhone("alice");
        alice.Invite(TestCalls.Bob);
        TestMessage invite = proxy.Expect("INVITE");
        Assert.Equal(
            (TestCalls.Bob, "<sip:203.0.113.20;lr>", $"<{One}>, <{Two}>"),
            (invite.RequestUri, invite.Header("Route"), invite.Header("X-target-uris")));
        Assert.False(alone.Expect("INVITE").Has("X-target-uris"));
        alone.Reply(180);
        alice.Expect(100);
        alice.Expect(180);
        proxy.Reply(200, TestSdp.Audio(5000));
        proxy.Expect("ACK");
        alone.Expect("CANCEL");
        alone.Reply(200);
        alice.Expect(200);
        alice.Ack();
        Server.Settle();
        Server.HangUp(alice, proxy);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[module::Router]\nallow-target-factorization=true\nfork-late=true")]
    public void Else_each_phone_gets_its_own(string configuration)
    {
        Start(configuration);
        TestPhone proxy = AddProxyWithPhones();
        Server.AddPhone("alice").Invite(TestCalls.Bob);
        string[] uris = [proxy.Expect("INVITE").RequestUri, proxy.Expect("INVITE").RequestUri];
        Assert.Equal([One, Two], uris.Select(uri => uri[..uri.IndexOf(';', StringComparison.Ordinal)]).Order());
        proxy.Skip();
    }

    [Theory]
    [InlineData("udp", "sip:x@far.test", "UDP")]
    [InlineData("tcp", "sip:x@far.test", "TCP")]
    [InlineData("tcp", "sip:x@far.test;transport=udp", "UDP")]
    [InlineData("tcp", "sip:x@far.test:5070", "UDP")]
    [InlineData("tcp", "sip:x@203.0.113.30:5070", "UDP")]
    public void Default_transport_is_for_names_without_a_port_or_a_transport(string transport, string uri, string used)
    {
        Start($"[module::Forward]\ndefault-transport={transport}\n[module::Router]\nstatic-targets={uri}");
        Server.Network.Dns.Add("SRV _sip._udp.far.test 1 0 5070 far.test", "SRV _sip._tcp.far.test 1 0 5070 far.test", "A far.test 203.0.113.30");
        TestPhone far = Server.AddPhoneAt("203.0.113.30:5070", "x");
        Server.AddPhone("alice").Invite(TestCalls.Bob);
        Server.Settle();
        Assert.Equal(used == "TCP" ? 1 : 0, far.Connections.Count);
        Assert.Equal(used == "UDP" ? 1 : 0, far.Received.Count(message => message.Method == "INVITE"));
    }

    [Theory]
    [InlineData(Trusted, "carol")]
    [InlineData("", "bob")] // who lists them is not trusted
    public void What_a_trusted_proxy_has_listed_is_looked_up_in_place_of_the_Request_URI(string configuration, string user)
    {
        Start(configuration);
        TestPhone bob = Server.AddPhone("bob", registered: true);
        TestPhone carol = Server.AddPhone("carol", registered: true);
        TestPhone proxy = Server.AddPhone("proxy");
        proxy.Invite(TestCalls.Bob, headers: "X-Target-Uris: <sip:carol@example.org>, <sip:x@elsewhere.example>");
        TestPhone called = user == "bob" ? bob : carol;
        Assert.False(called.Expect("INVITE").Has("X-Target-Uris"));
        Refuse(proxy, called);
        bob.ExpectNothing();
        carol.ExpectNothing();
    }

    [Fact]
    public void A_message_for_who_was_listed_is_kept_for_nobody_else()
    {
        Start(Trusted);
        TestPhone bob = Server.AddPhone("bob", registered: true);
        TestPhone carol = Server.AddPhone("carol", registered: true);
        TestPhone proxy = Server.AddPhone("proxy");
        proxy.AskOutside("MESSAGE", TestCalls.Bob, "for carol", "X-Target-Uris: <sip:carol@example.org>");
        carol.Expect("MESSAGE");
        carol.Reply(503);
        proxy.Expect(202);
        bob.Register();
        bob.ExpectNothing();
        Server.Advance(1);
        carol.Register();
        Assert.Equal("for carol", carol.Expect("MESSAGE").Body);
        carol.Reply(200);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_comma_in_a_listed_URI_does_not_end_it()
    {
        Start(Trusted);
        TestPhone carol = Server.AddPhone("carol", registered: true);
        TestPhone proxy = Server.AddPhone("proxy");
        proxy.Invite(TestCalls.Bob, headers: "X-Target-Uris: <sip:x@elsewhere.example>, <sip:carol:a,b@example.org>");
        carol.Expect("INVITE");
        Refuse(proxy, carol);
    }

    [Fact]
    public void With_message_expires_a_phone_gets_messages_but_no_calls_after_its_registration()
    {
        TestPhone bob = Server.AddPhone("bob");
        bob.Register(expires: 60, parameters: ";message-expires=3600");
        Server.Advance(61);
        TestPhone alice = Server.AddPhone("alice");
        alice.Invite(TestCalls.Bob);
        alice.Expect(480);
        alice.AskOutside("MESSAGE", TestCalls.Bob, "hello");
        bob.Expect("MESSAGE");
        bob.Reply(200);
        alice.Expect(200);
        TestPhone other = Server.AddPhone("bob");
        Assert.DoesNotContain(bob.ContactUri, other.Register().Header("Contact"), StringComparison.Ordinal);
        other.Register(expires: 0);
        Server.Advance(3540);
        alice.AskOutside("MESSAGE", TestCalls.Bob, "too late");
        alice.Expect(202);
        bob.ExpectNothing();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void The_parameter_of_message_expires_has_the_name_that_the_setting_gives_it()
    {
        Start("[module::Registrar]\nmessage-expires-param-name=sleeps");
        TestPhone bob = Server.AddPhone("bob");
        bob.Register(expires: 60, parameters: ";sleeps=3600");
        TestPhone carol = Server.AddPhone("carol");
        carol.Register(expires: 60, parameters: ";message-expires=3600");
        Server.Advance(61);
        TestPhone alice = Server.AddPhone("alice");
        alice.AskOutside("MESSAGE", TestCalls.Bob, "hello");
        bob.Expect("MESSAGE");
        bob.Reply(200);
        alice.Expect(200);
        alice.AskOutside("MESSAGE", "sip:carol@example.org", "hello");
        alice.Expect(202);
        carol.ExpectNothing();
    }

    [Fact]
    public void A_phone_that_takes_messages_longer_is_gone_when_it_unregisters()
    {
        TestPhone bob = Server.AddPhone("bob");
        bob.Register(parameters: ";message-expires=3600");
        bob.Register(expires: 0, parameters: ";message-expires=3600");
        TestPhone alice = Server.AddPhone("alice");
        alice.AskOutside("MESSAGE", TestCalls.Bob, "hello");
        alice.Expect(202);
        Server.ExpectNothingLeft();
    }

    // The proxy brings the REGISTERs of two phones of bob.
    private TestPhone AddProxyWithPhones()
    {
        TestPhone proxy = Server.AddPhoneAt("203.0.113.20:5060", "bob");
        foreach (string uri in new[] { One, Two })
        {
            proxy.SendRegister(headers: Behind, contact: $"<{uri};pn-provider=apns;pn-prid={uri[12..19]};pn-param=x>");
            proxy.Expect(200);
        }

        return proxy;
    }

    private TestPhone AddPhoneOf(string domain) =>
        new(Server.Network, "198.51.101.9:5070", Transports.SipAddress.From(System.Net.IPEndPoint.Parse("192.0.2.1:5060")), "bob", domain);

    private static void RefusedCall(TestPhone caller, TestPhone called, string uri)
    {
        caller.Invite(uri);
        Assert.Equal(called.ContactUri, called.Expect("INVITE").RequestUri);
        Refuse(caller, called);
    }

    private static void Refuse(TestPhone caller, TestPhone called)
    {
        called.Reply(486);
        called.Expect("ACK");
        caller.Expect(100);
        caller.Expect(486);
    }
}
