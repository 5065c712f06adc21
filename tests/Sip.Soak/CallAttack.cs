using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sip.Soak;

/// <summary>
/// Calls from one phone to another, over UDP: some are cancelled, some never acknowledged, some repeated, most are well made.
/// The called phone knows them by X-Soak, a header that the server lets pass, for the caller's Call-ID ends there.
/// </summary>
internal sealed class CallAttack : Attack
{
    private const int Patience = 1500;
    private readonly Socket caller = NewSocket();
    private readonly Socket callee = NewSocket();
    private readonly byte[] buffer = new byte[65536];
    private readonly string user;
    private int number;
    private int made;
    private int answered;
    private int spoilt;

    public CallAttack(ServerUnderSoak server, int seed)
        : base(server, seed, pauseMilliseconds: 20) => user = "callee" + seed;

    public override string Name => "calls";

    public override string Done => $"{made} well made, {answered} of them answered; {spoilt} cancelled, repeated or left";

    protected override void Step()
    {
        if (number++ % 100 == 0)
        {
            Send(callee, Request("REGISTER", ServerUnderSoak.Domain, "reg" + number, number, "", $"Contact: <sip:{user}@{callee.LocalEndPoint}>\r\nExpires: 600\r\n"));
            Await(callee, "SIP/2.0", "reg" + number);
        }

        string id = $"call{number}-{Random.Next():x}";
        string invite = Request("INVITE", $"{user}@{ServerUnderSoak.Domain}", id, 1, "", $"Contact: <sip:caller@{caller.LocalEndPoint}>\r\n");
        int way = Random.Next(5);
        Send(caller, invite);
        if (way == 0)
        {
            spoilt++;
            Send(caller, invite);
            Send(caller, invite.Replace("INVITE", "CANCEL", StringComparison.Ordinal));
            Drain();
            return;
        }

        made += way == 1 ? 0 : 1;
        if (Await(callee, "INVITE ", id) is not { } offered)
        {
            return;
        }

        Send(callee, Response(offered, 180, "Ringing"));
        Send(callee, Response(offered, 200, "OK"));
        if (Await(caller, "SIP/2.0 200", id) is not { } accepted || way == 1)
        {
            spoilt += way == 1 ? 1 : 0;
            return;
        }

        answered++;
        string tag = Header(accepted, "To").Split(";tag=")[^1];
        string target = Header(accepted, "Contact").Split('<', '>')[1]["sip:".Length..];
        Send(caller, Request("ACK", target, id, 1, tag));
        Send(caller, Request("BYE", target, id, 2, tag));
        if (Await(callee, "BYE ", id) is { } bye)
        {
            Send(callee, Response(bye, 200, "OK"));
        }

        Await(caller, "SIP/2.0 200", id);
    }

    protected override void End()
    {
        caller.Dispose();
        callee.Dispose();
    }

    private static Socket NewSocket()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private static string Header(string message, string name) =>
        message.Split("\r\n").First(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))[(name.Length + 1)..].Trim();

    private static string Sdp(Socket socket) =>
        $"v=0\r\no=- 1 1 IN IP4 {((IPEndPoint)socket.LocalEndPoint!).Address}\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n";

    private string Request(string method, string target, string callId, int cseq, string toTag, string more = "")
    {
        Socket from = method == "REGISTER" ? callee : caller;
        string body = method == "INVITE" ? Sdp(from) : "";
        return $"{method} sip:{target} SIP/2.0\r\nVia: SIP/2.0/UDP {from.LocalEndPoint};branch=z9hG4bK{callId}{(method == "CANCEL" ? "INVITE" : method)};rport\r\nMax-Forwards: 70\r\n" +
            $"From: <sip:{(method == "REGISTER" ? user : "caller")}@{ServerUnderSoak.Domain}>;tag=f{callId}\r\n" +
            $"To: <sip:{user}@{ServerUnderSoak.Domain}>{(toTag.Length > 0 ? ";tag=" + toTag : "")}\r\nCall-ID: {callId}\r\nCSeq: {cseq} {method}\r\nX-Soak: {callId}\r\n{more}" +
            (body.Length > 0 ? "Content-Type: application/sdp\r\n" : "") + $"Content-Length: {body.Length}\r\n\r\n{body}";
    }

    private string Response(string request, int code, string phrase)
    {
        string body = code == 200 && request.StartsWith("INVITE", StringComparison.Ordinal) ? Sdp(callee) : "";
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"SIP/2.0 {code} {phrase}\r\n");
        foreach (string line in request.Split("\r\n\r\n")[0].Split("\r\n").Skip(1))
        {
            string name = line.Split(':')[0].Trim().ToUpperInvariant();
            if (name is "VIA" or "FROM" or "X-SOAK" or "CALL-ID" or "CSEQ" or "RECORD-ROUTE")
            {
                text.Append(line).Append("\r\n");
            }
            else if (name == "TO")
            {
                text.Append(line).Append(line.Contains(";tag=", StringComparison.Ordinal) ? "" : ";tag=t" + user).Append("\r\n");
            }
        }

        text.Append(CultureInfo.InvariantCulture, $"Contact: <sip:{user}@{callee.LocalEndPoint}>\r\n");
        text.Append(body.Length > 0 ? "Content-Type: application/sdp\r\n" : "");
        return text.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n\r\n{body}").ToString();
    }

    private void Send(Socket from, string message) => from.SendTo(Encoding.ASCII.GetBytes(message), Server.EndPoint("UDP"));

    // The first message of that call that begins so; others, of calls that were spoilt, are answered shortly or forgotten.
    private string? Await(Socket at, string start, string id)
    {
        for (long until = Environment.TickCount64 + Patience; Environment.TickCount64 < until;)
        {
            if (!at.Poll(100_000, SelectMode.SelectRead) || Receive(at) is not { } message)
            {
                continue;
            }

            if (message.StartsWith(start, StringComparison.Ordinal) && message.Contains(id, StringComparison.Ordinal))
            {
                return message;
            }

            if (message.StartsWith("BYE ", StringComparison.Ordinal) || message.StartsWith("CANCEL ", StringComparison.Ordinal))
            {
                Send(at, Response(message, 200, "OK"));
            }
        }

        return null;
    }

    private void Drain()
    {
        foreach (Socket socket in (Socket[])[caller, callee])
        {
            while (socket.Poll(0, SelectMode.SelectRead))
            {
                Receive(socket);
            }
        }
    }

    private string? Receive(Socket socket)
    {
        int count = socket.Receive(buffer, SocketFlags.None, out SocketError error);
        return error == SocketError.Success ? Encoding.Latin1.GetString(buffer, 0, count) : null;
    }
}
