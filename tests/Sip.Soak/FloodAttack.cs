using System.Net;
using System.Net.Sockets;

namespace Sip.Soak;

/// <summary>Connections that say nothing, to every port, from many addresses and many from a single one; later reset or closed.</summary>
internal sealed class FloodAttack(ServerUnderSoak server, int seed) : Attack(server, seed, pauseMilliseconds: 50)
{
    private const int AtOnce = 20;
    private static readonly IPAddress Greedy = IPAddress.Parse("127.31.0.250");
    private static readonly string[] Transports = ["TCP", "TLS", "WS", "WSS"];
    private readonly HeldConnections held = new(new Random(seed), 3000);
    private long count;

    public override string Name => "flood of connections";

    public override string Done => $"{count} opened";

    protected override void Step()
    {
        for (int i = 0; i < AtOnce; i++)
        {
            IPAddress from = Random.Next(4) == 0 ? Greedy : Garbage.Source();
            string transport = Transports[Random.Next(Transports.Length)];
            Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            try
            {
                socket.Bind(new IPEndPoint(from, 0));
                socket.Connect(Server.EndPoint(transport));
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
            {
                // It is being opened.
            }

            held.Hold(socket);
            count++;
        }
    }

    protected override void End() => held.Clear();
}
