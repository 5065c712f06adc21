namespace Sip.B2bua.FunctionalTests;

/// <summary>Our Contact is a SIPS URI where, and only where, the rules ask for it.</summary>
public sealed class SipsTests : IDisposable
{
    private readonly TestServer server = TestServer.StartWithTls();
    private readonly TestPhone alice;
    private readonly TestPhone bob;

    public SipsTests()
    {
        alice = server.AddPhone("alice", "TLS");
        bob = server.AddPhone("bob", "TLS");
    }

    public void Dispose() => server.Dispose();

    [Fact]
    public void RFC_3261_12_1_1_the_answer_to_a_sips_Request_URI_has_a_sips_Contact()
    {
        Register($"sips:bob@{bob.Host}");
        Call("sips:bob@example.org");
        Assert.Equal("<sips:192.0.2.1:5061>", alice.Received[^1].Header("Contact"));
    }

    [Fact]
    public void RFC_3261_8_1_1_8_a_request_to_a_sips_URI_has_a_sips_Contact()
    {
        Register($"sips:bob@{bob.Host}");
        Call("sip:bob@example.org");
        Assert.Equal("<sips:192.0.2.1:5061>", bob.Request.Header("Contact"));
        Assert.Equal("<sip:192.0.2.1:5061;transport=tls>", alice.Received[^1].Header("Contact"));
    }

    [Theory]
    [InlineData("Record-Route: <sips:proxy.example.org;lr>", "<sips:192.0.2.1:5061>")]
    [InlineData("Record-Route: <sip:proxy.example.org;lr>", "<sip:192.0.2.1:5061;transport=tls>")]
    public void RFC_3261_12_1_1_the_top_Record_Route_decides_before_the_Contact(string header, string contact)
    {
        Register($"sip:bob@{bob.Host};transport=tls");
        Call("sip:bob@example.org", header);
        Assert.Equal(contact, alice.Received[^1].Header("Contact"));
    }

    [Fact]
    public void Between_sip_URIs_the_Contact_is_a_sip_URI_over_TLS_as_well()
    {
        Register($"sip:bob@{bob.Host};transport=tls");
        Call("sip:bob@example.org");
        Assert.Equal("<sip:192.0.2.1:5061;transport=tls>", bob.Request.Header("Contact"));
        Assert.Equal("<sip:192.0.2.1:5061;transport=tls>", alice.Received[^1].Header("Contact"));
    }

    [Fact]
    public void RFC_3261_12_2_1_1_a_later_request_of_a_sips_dialog_has_a_sips_Contact()
    {
        Register($"sips:bob@{bob.Host}");
        Call("sips:bob@example.org");
        alice.Ack();
        server.Settle();
        alice.Reinvite(TestSdp.Audio(4002));
        Assert.Equal("<sips:192.0.2.1:5061>", bob.Expect("INVITE").Header("Contact"));
    }

    private void Register(string contact)
    {
        bob.SendRegister(contact: $"<{contact}>");
        bob.Expect(200);
    }

    private void Call(string uri, string headers = "")
    {
        alice.Invite(uri, headers: headers);
        bob.Expect("INVITE");
        bob.Reply(200, TestSdp.Audio(5000));
        bob.Expect("ACK");
        bob.Request = bob.Received[^2];
        alice.Expect(100);
        alice.Expect(200);
    }
}
