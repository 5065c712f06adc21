using System.Net;
using System.Net.Sockets;

namespace Sip.Soak;

/// <summary>Damaged messages in datagrams, from many addresses; some empty, some repeated.</summary>
internal sealed class DatagramAttack : Attack
{
    private const int DatagramsAtOnce = 20;
    private readonly List<Socket> sockets = [];
    private long count;

    public DatagramAttack(ServerUnderSoak server, int seed)
        : base(server, seed, pauseMilliseconds: 10)
    {
        for (int i = 0; i < 64; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(Garbage.Source(), 0));
            sockets.Add(socket);
        }
    }

    public override string Name => "datagrams";

    public override string Done => $"{count} sent";

    protected override void Step()
    {
        for (int i = 0; i < DatagramsAtOnce; i++)
        {
            byte[] message = Random.Next(50) == 0 ? [] : Random.Next(20) == 0 ? Garbage.Noise(1500) : Garbage.Next();
            for (int repeated = Random.Next(10) == 0 ? 2 : 1; repeated > 0; repeated--)
            {
                sockets[Random.Next(sockets.Count)].SendTo(message, Server.EndPoint("UDP"));
                count++;
            }
        }
    }

    protected override void End() => sockets.ForEach(socket => socket.Dispose());
}
