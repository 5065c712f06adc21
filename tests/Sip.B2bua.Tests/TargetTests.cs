using System.Reflection;
using Sip.Transports;

namespace Sip.B2bua.Tests;

/// <summary>A target that is made from another is known by all that the other is known by.</summary>
public sealed class TargetTests
{
    private static readonly string[] Changed = [nameof(Target.Uri), nameof(Target.UriBytes), nameof(Target.Headers), nameof(Target.Q), nameof(Target.NextFlow)];

    private readonly Target target = new("sip:bob@192.0.2.7")
    {
        Flow = default(Flow),
        Route = ["<sip:192.0.2.8;lr>"],
        Headers = [("X-A", "1")],
        Peer = "provider",
        Identity = "acc@provider.example",
        Credentials = new PeerCredentials { Realm = "provider.example", Credential = new Credential { AuthenticationName = "acc", ClearText = "secret" } },
        From = "<sip:acc@provider.example>",
        To = "<sip:bob@provider.example>",
        Q = 0.5f,
        AddressOfRecord = "bob@example.org",
        Binding = new Binding { UniqueId = "u", Contact = "sip:bob@192.0.2.7", CallId = "1", CSeq = 1, Expires = default, Updated = default },
        NextFlow = new Target("sip:bob@192.0.2.9"),
    };

    [Fact]
    public void With_other_headers_and_another_preference_it_keeps_all_else()
    {
        Target changed = target.With(";x=1", [("X-B", "2")], 0.25f);
        ExpectKept(changed);
        Assert.Equal(("sip:bob@192.0.2.7;x=1", 0.25f, ("X-B", "2")), (changed.Uri, changed.Q, Assert.Single(changed.Headers)));
        Assert.Equal(("sip:bob@192.0.2.9;x=1", 0.25f, ("X-B", "2")), (changed.NextFlow!.Uri, changed.NextFlow.Q, Assert.Single(changed.NextFlow.Headers)));
        Assert.Equal(0.5f, target.With("", []).Q);
    }

    [Fact]
    public void With_another_flow_behind_it_keeps_all_else()
    {
        Target next = new("sip:bob@192.0.2.10");
        Target changed = target.FollowedBy(next);
        ExpectKept(changed);
        Assert.Equal((target.Uri, target.Q, target.Headers, next), (changed.Uri, changed.Q, changed.Headers, changed.NextFlow));
    }

    // Whatever a target is given one day must be set above, and be copied.
    private void ExpectKept(Target changed)
    {
        Target plain = new("sip:plain");
        foreach (PropertyInfo property in typeof(Target).GetProperties().Where(property => !Changed.Contains(property.Name)))
        {
            Assert.NotEqual(property.GetValue(plain), property.GetValue(target));
            Assert.Equal(property.GetValue(target), property.GetValue(changed));
        }
    }
}
