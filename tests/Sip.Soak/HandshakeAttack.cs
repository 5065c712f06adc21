using System.Net.Security;

namespace Sip.Soak;

/// <summary>Handshakes of TLS, for SIP or for WebSockets, that are broken, damaged, begun and left, or ended and followed by silence.</summary>
internal sealed class HandshakeAttack(ServerUnderSoak server, string transport, int seed) : Attack(server, seed, pauseMilliseconds: 10)
{
    private readonly HeldConnections held = new(new Random(seed), 200);
    private long begun;
    private long ended;

    public override string Name => $"handshakes of {transport}";

    public override string Done => $"{begun} broken, {ended} ended and left";

    protected override void Step()
    {
        if (Random.Next(8) == 0)
        {
            held.Hold(Line.Open(Server, transport, Garbage.Source(), 200));
            ended++;
            return;
        }

        byte[] hello = ClientHello();
        switch (Random.Next(4))
        {
            case 0:
                hello = hello[..Random.Next(hello.Length)];
                break;
            case 1:
                for (int i = Random.Next(1, 10); i > 0; i--)
                {
                    hello[Random.Next(hello.Length)] = (byte)Random.Next(256);
                }

                break;
            case 2:
                hello = Random.Next(2) == 0 ? Garbage.Noise(2000) : Garbage.Next();
                break;
            default:
                // Whole, and then noise where the next flight should be.
                hello = [.. hello, .. Garbage.Noise(500)];
                break;
        }

        held.Hold(RawConnection.Open(Server.EndPoint(transport), Garbage.Source(), hello));
        begun++;
    }

    protected override void End() => held.Clear();

    private static byte[] ClientHello()
    {
        using var wire = new OneWayStream();
        using var secure = new SslStream(wire, leaveInnerStreamOpen: true, (_, _, _, _) => true);
        try
        {
            secure.AuthenticateAsClient(ServerUnderSoak.Domain);
        }
        catch (IOException)
        {
            // Nobody answers there.
        }

        return wire.Written;
    }

    /// <summary>Keeps what is written; there is nothing to read.</summary>
    private sealed class OneWayStream : MemoryStream
    {
        public byte[] Written => ToArray();

        public override int Read(byte[] buffer, int offset, int count) => 0;

        public override int Read(Span<byte> buffer) => 0;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(0);
    }
}
