using System.Globalization;
using Sip.Transports;

namespace Sip.B2bua.FunctionalTests;

/// <summary>What an answered call costs while nothing happens in it.</summary>
[Collection(MemoryCollection.Name)]
public sealed class IdleCallTests : InMemoryTests
{
    private const int Calls = 1000;

    // Measured on x64 (2979) plus a little: both dialogs, both legs with their session timers, the trail and the record.
    private const int Budget = 3150;

    // Measured (0) plus a little: the answer to the BYE and the ACK wait for repetitions, but in what the pools have again and again.
    private const int EndedBudget = 50;

    private static readonly SipAddress ServerAddress = SipAddress.From(System.Net.IPEndPoint.Parse("192.0.2.1:5060"));

    private MemoryPeer caller = null!;
    private MemoryPeer callee = null!;
    private bool hangsUp;
    private int made;
    private int answered;

    [Fact]
    public void An_idle_call_keeps_no_more_memory_than_it_needs()
    {
        AddPeers();
        MakeCalls(); // after these the pools are as large as this rate needs them
        Server.Advance(70); // and all transactions are over
        long before = GC.GetTotalMemory(forceFullCollection: true);
        MakeCalls();
        Server.Advance(70);
        long each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Calls;
        Assert.Equal((2 * Calls, 2 * Calls), (answered, Server.Calls));
        Assert.True(each is >= 1 and <= Budget, $"{each} octets for each call, more than {Budget}");
    }

    [Fact]
    public void A_call_that_is_over_is_let_go_though_its_transactions_wait_for_repetitions()
    {
        hangsUp = true;
        AddPeers();
        MakeCalls(pause: 0.02);
        Server.Advance(70);
        MakeCalls(pause: 0.02);
        long waiting = GC.GetTotalMemory(forceFullCollection: true);
        Assert.Equal((2 * Calls, 0), (answered, Server.Calls));
        Server.Advance(70);
        long each = (waiting - GC.GetTotalMemory(forceFullCollection: true)) / Calls;
        Assert.InRange(each, -EndedBudget, EndedBudget);
    }

    // They keep nothing, so that all that grows is the server's.
    private void AddPeers()
    {
        caller = Peer("198.51.100.250:5060", Acknowledge);
        callee = Peer("198.51.100.251:5060", Answer);
        callee.Send(Request("REGISTER", "sip:example.org", "r", "bob", "sip:bob@example.org"), ServerAddress);
    }

    private MemoryPeer Peer(string address, Action<MemoryPeer, TestMessage> react)
    {
        MemoryPeer peer = Server.Network.AddPeer(address);
        peer.KeepsReceived = false;
        peer.OnReceived = message => react(peer, TestMessage.Read(message.Text));
        return peer;
    }

    private void MakeCalls(double pause = 0.1)
    {
        for (int i = 0; i < Calls; i++)
        {
            string id = (++made).ToString(CultureInfo.InvariantCulture);
            caller.Send(Request("INVITE", "sip:bob@example.org", id, "alice", "sip:bob@example.org", TestSdp.Audio()), ServerAddress);
            Server.Advance(pause);
        }
    }

    private void Acknowledge(MemoryPeer peer, TestMessage message)
    {
        if (message is { Code: 200, Method: "INVITE" })
        {
            answered++;
            Send(peer, "ACK", 1, message);
            if (hangsUp)
            {
                Send(peer, "BYE", 2, message);
            }
        }
    }

    private void Send(MemoryPeer peer, string method, int cseq, TestMessage answer) => peer.Send(
        $"{method} {answer.ContactUri} SIP/2.0\r\nVia: SIP/2.0/UDP {peer.Address};branch=z9hG4bK-{method}{answered}\r\nMax-Forwards: 70\r\n"
            + $"From: {answer.Header("From")}\r\nTo: {answer.Header("To")}\r\nCall-ID: {answer.CallId}\r\nCSeq: {cseq} {method}\r\nContent-Length: 0\r\n\r\n",
        ServerAddress);

    private static void Answer(MemoryPeer peer, TestMessage message)
    {
        if (message is { IsRequest: true, Method: "BYE" })
        {
            peer.Send($"SIP/2.0 200 OK\r\nVia: {message.Header("Via")}\r\nFrom: {message.Header("From")}\r\nTo: {message.Header("To")}\r\n"
                + $"Call-ID: {message.CallId}\r\nCSeq: {message.CSeq} BYE\r\nContent-Length: 0\r\n\r\n", ServerAddress);
        }
        else if (message is { IsRequest: true, Method: "INVITE" })
        {
            string body = TestSdp.Audio(5000);
            peer.Send($"SIP/2.0 200 OK\r\nVia: {message.Header("Via")}\r\nFrom: {message.Header("From")}\r\nTo: {message.Header("To")};tag=b{message.FromTag}\r\n"
                + $"Call-ID: {message.CallId}\r\nCSeq: {message.CSeq} INVITE\r\nContact: <sip:bob@{peer.Address}>\r\nAllow: INVITE, ACK, BYE, CANCEL, UPDATE\r\n"
                + $"Supported: timer\r\nUser-Agent: Test\r\nContent-Type: application/sdp\r\nContent-Length: {body.Length}\r\n\r\n{body}", ServerAddress);
        }
    }

    private static string Request(string method, string uri, string id, string user, string to, string body = "") =>
        $"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {Host(user)};branch=z9hG4bK-{method}{id};rport\r\nMax-Forwards: 70\r\n"
        + $"From: \"A user\" <sip:{user}@example.org>;tag=4kd8fj2k{id}\r\nTo: <{to}>\r\nCall-ID: 843817637684230@{id}\r\nCSeq: 1 {method}\r\n"
        + $"Contact: <sip:{user}@{Host(user)}>\r\nAllow: INVITE, ACK, BYE, CANCEL, UPDATE, OPTIONS, INFO, NOTIFY\r\nSupported: timer, replaces\r\nUser-Agent: Test/1.0\r\n"
        + (body.Length > 0 ? "Content-Type: application/sdp\r\n" : "") + $"Content-Length: {body.Length}\r\n\r\n{body}";

    private static string Host(string user) => user == "alice" ? "198.51.100.250:5060" : "198.51.100.251:5060";
}
