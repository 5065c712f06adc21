using Sip.B2bua;
using Sip.B2bua.Plugins.Registrar;

namespace Plugins.Tests.Registrar;

public sealed class BindingRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Equal_identities_replace_whatever_the_uri_is()
    {
        Binding binding = Assert.Single(Apply([Old("sip:a@192.0.2.1", "<urn:1>")], New("sip:a@203.0.113.5:9999", "<urn:1>")).Bindings);
        Assert.Equal("sip:a@203.0.113.5:9999", binding.Contact);
    }

    [Fact]
    public void Different_identities_stay_side_by_side_even_with_one_uri() =>
        Assert.Equal(2, Apply([Old("sip:a@192.0.2.1", "<urn:1>")], New("sip:a@192.0.2.1", "<urn:2>")).Bindings.Count);

    [Fact]
    public void An_identity_and_none_are_different() =>
        Assert.Equal(2, Apply([Old("sip:a@192.0.2.1", "fs-gen-1")], New("sip:a@192.0.2.1", "<urn:2>")).Bindings.Count);

    [Fact]
    public void Without_identities_equal_uris_replace_and_the_placeholder_stays()
    {
        Binding binding = Assert.Single(Apply([Old("sip:a@EXAMPLE.com", "fs-gen-old")], New("sip:a@example.com", "fs-gen-new", "other")).Bindings);
        Assert.Equal("fs-gen-old", binding.UniqueId);
        Assert.Equal("other", binding.CallId);
    }

    [Fact]
    public void Without_identities_different_uris_stay_side_by_side() =>
        Assert.Equal(2, Apply([Old("sip:a@192.0.2.1", "fs-gen-1")], New("sip:a@192.0.2.2", "fs-gen-2")).Bindings.Count);

    [Theory]
    [InlineData("sip:a@192.0.2.1;pn-provider=apns;pn-param=T.app;pn-prid=00ff", "sip:a@192.0.2.9;pn-provider=apns;pn-param=T.app;pn-prid=00ff", 1)]
    [InlineData("sip:a@192.0.2.1;app-id=org.x;pn-type=firebase;pn-tok=abc", "sip:a@192.0.2.9;app-id=org.x;pn-type=firebase;pn-tok=abc", 1)]
    [InlineData("sip:a@192.0.2.1;pn-provider=apns;pn-param=T.app;pn-prid=00ff", "sip:a@192.0.2.9;pn-provider=fcm;pn-param=T.app;pn-prid=00ff", 2)]
    [InlineData("sip:a@192.0.2.1;pn-provider=apns;pn-param=T.app;pn-prid=00ff", "sip:a@192.0.2.9;pn-provider=apns;pn-param=T.app;pn-prid=0000", 2)]
    public void Equal_push_parameters_beat_the_identity(string old, string fresh, int left)
    {
        IReadOnlyList<Binding> bindings = Apply([Old(old, "<urn:before-reinstall>")], New(fresh, "<urn:after-reinstall>")).Bindings;
        Assert.Equal(left, bindings.Count);
        Assert.Equal("<urn:after-reinstall>", bindings[^1].UniqueId);
    }

    [Theory]
    [InlineData(9u)]
    [InlineData(10u)]
    public void RFC3261_10_3_without_identity_a_cseq_that_is_not_higher_fails(uint cseq)
    {
        BindingOutcome outcome = Apply([Old("sip:a@192.0.2.1", "fs-gen-1", cseq: 10)], New("sip:a@192.0.2.1", "fs-gen-2", cseq: cseq));
        Assert.Equal(BindingFault.ReplayedCSeq, outcome.Fault);
    }

    [Fact]
    public void RFC3261_10_3_a_known_device_may_repeat_but_not_go_back()
    {
        Assert.Equal(BindingFault.None, Apply([Old("sip:a@192.0.2.1", "<urn:1>", cseq: 10)], New("sip:a@192.0.2.1", "<urn:1>", cseq: 10)).Fault);
        Assert.Equal(BindingFault.ReplayedCSeq, Apply([Old("sip:a@192.0.2.1", "<urn:1>", cseq: 10)], New("sip:a@192.0.2.1", "<urn:1>", cseq: 9)).Fault);
    }

    [Fact]
    public void RFC3261_10_3_another_call_id_needs_no_higher_cseq() =>
        Assert.Equal(BindingFault.None, Apply([Old("sip:a@192.0.2.1", "fs-gen-1", cseq: 10)], New("sip:a@192.0.2.1", "fs-gen-2", "rebooted", 1)).Fault);

    [Fact]
    public void RFC3261_10_3_all_or_nothing()
    {
        Binding[] before = [Old("sip:a@192.0.2.1", "fs-gen-1", cseq: 10)];
        BindingOutcome outcome = BindingRules.Apply(
            before, [new(New("sip:b@192.0.2.2", "fs-gen-b", cseq: 5), false), new(New("sip:a@192.0.2.1", "fs-gen-a", cseq: 5), false)], Now, 12);
        Assert.Equal(BindingFault.ReplayedCSeq, outcome.Fault);
        Assert.Equal(before, outcome.Bindings);
    }

    [Fact]
    public void Expires_0_removes_the_match_and_only_it()
    {
        BindingOutcome outcome = BindingRules.Apply(
            [Old("sip:a@192.0.2.1", "<urn:1>"), Old("sip:a@192.0.2.2", "<urn:2>")], [new(New("sip:a@192.0.2.1", "<urn:1>"), true)], Now, 12);
        Assert.Equal("<urn:2>", Assert.Single(outcome.Bindings).UniqueId);
    }

    [Fact]
    public void One_request_may_remove_one_binding_and_add_another()
    {
        BindingOutcome outcome = BindingRules.Apply(
            [Old("sip:a@192.0.2.1", "fs-gen-1")],
            [new(New("sip:a@192.0.2.1", "fs-gen-x"), true), new(New("sip:a@192.0.2.2", "fs-gen-y"), false)],
            Now,
            12);
        Assert.Equal("sip:a@192.0.2.2", Assert.Single(outcome.Bindings).Contact);
    }

    [Fact]
    public void Duplicates_of_old_are_healed() =>
        Assert.Single(Apply([Old("sip:a@192.0.2.1", "<urn:1>"), Old("sip:a@192.0.2.2", "<urn:1>")], New("sip:a@192.0.2.3", "<urn:1>")).Bindings);

    [Fact]
    public void The_same_contact_twice_in_one_request_counts_once()
    {
        IncomingContact contact = new(New("sip:a@192.0.2.1", "fs-gen-1"), false);
        Assert.Single(BindingRules.Apply([], [contact, contact], Now, 12).Bindings);
    }

    [Fact]
    public void An_expired_binding_is_removed_when_met()
    {
        Binding dead = Old("sip:b@192.0.2.1", "fs-gen-1") with { Expires = Now };
        Assert.Equal("sip:a@192.0.2.2", Assert.Single(Apply([dead], New("sip:a@192.0.2.2", "fs-gen-2")).Bindings).Contact);
    }

    [Fact]
    public void Above_the_limit_the_oldest_makes_room()
    {
        Binding[] before =
        [
            Old("sip:1@h", "<1>") with { Updated = Now.AddSeconds(-10) },
            Old("sip:2@h", "<2>") with { Updated = Now.AddSeconds(-90) },
            Old("sip:3@h", "<3>") with { Updated = Now.AddSeconds(-50) },
        ];
        BindingOutcome outcome = BindingRules.Apply(before, [new(New("sip:4@h", "<4>"), false)], Now, 3);
        Assert.Equal(["<3>", "<1>", "<4>"], outcome.Bindings.Select(b => b.UniqueId));
    }

    [Fact]
    public void More_contacts_in_one_request_than_an_address_may_keep_fail() =>
        Assert.Equal(
            BindingFault.TooMany,
            BindingRules.Apply([], [new(New("sip:1@h", "<1>"), false), new(New("sip:2@h", "<2>"), false)], Now, 1).Fault);

    [Theory]
    [InlineData("call", 11u, true)]
    [InlineData("call", 10u, false)]
    [InlineData("other", 1u, true)]
    public void RFC3261_10_3_the_wildcard_removes_all_unless_a_binding_is_of_a_later_request(string callId, uint cseq, bool removed)
    {
        BindingOutcome outcome = BindingRules.RemoveAll([Old("sip:a@192.0.2.1", "<urn:1>", cseq: 10)], callId, cseq);
        Assert.Equal(removed ? BindingFault.None : BindingFault.ReplayedCSeq, outcome.Fault);
        Assert.Equal(removed ? 0 : 1, outcome.Bindings.Count);
    }

    private static BindingOutcome Apply(Binding[] existing, Binding contact) => BindingRules.Apply(existing, [new(contact, false)], Now, 12);

    private static Binding Old(string contact, string id, uint cseq = 1) => New(contact, id, "call", cseq) with { Updated = Now.AddSeconds(-60) };

    private static Binding New(string contact, string id, string callId = "call", uint cseq = 20) => new()
    {
        Contact = contact,
        UniqueId = id,
        Expires = Now.AddSeconds(600),
        Updated = Now,
        CallId = callId,
        CSeq = cseq,
    };
}
