using System.Net.Sockets;

namespace Sip.Soak;

/// <summary>Many connections that each send a message an octet at a time and never end it.</summary>
internal sealed class SlowAttack(ServerUnderSoak server, int seed) : Attack(server, seed, pauseMilliseconds: 100)
{
    private const int Most = 200;
    private readonly List<(Socket Socket, byte[] Message)> slow = [];
    private long octets;
    private long cut;

    public override string Name => "slow senders";

    public override string Done => $"{octets} octets one by one, {cut} connections cut by the server";

    protected override void Step()
    {
        if (slow.Count < Most)
        {
            bool webSocket = Random.Next(3) == 0;
            Socket socket = RawConnection.Open(Server.EndPoint(webSocket ? "WS" : "TCP"), Garbage.Source(), webSocket ? WebSocketText.Handshake() : []);
            byte[] message = Garbage.Next();
            slow.Add((socket, webSocket || message.Length == 0 ? WebSocketText.Frame(message) : message));
        }

        for (int i = slow.Count - 1; i >= 0; i--)
        {
            (Socket socket, byte[] message) = slow[i];
            socket.Send(message.AsSpan(Random.Next(message.Length), 1), SocketFlags.None, out SocketError error);
            octets++;
            if (error != SocketError.Success)
            {
                cut++;
                socket.Dispose();
                slow.RemoveAt(i);
            }
        }
    }

    protected override void End() => slow.ForEach(one => one.Socket.Dispose());
}
