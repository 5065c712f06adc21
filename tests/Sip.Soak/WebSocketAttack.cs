using System.Text;

namespace Sip.Soak;

/// <summary>
/// Handshakes and frames that RFC 6455 forbids: over plain connections to the WebSocket port (where that wants TLS, all of them are), and
/// behind a proper handshake.
/// </summary>
internal sealed class WebSocketAttack(ServerUnderSoak server, string transport, int seed) : Attack(server, seed, pauseMilliseconds: 10)
{
    private readonly HeldConnections held = new(new Random(seed), 200);
    private long handshakes;
    private long frames;

    public override string Name => $"bad WebSockets over {transport}";

    public override string Done => $"{handshakes} bad handshakes, {frames} bad frames";

    protected override void Step()
    {
        if (Random.Next(2) == 0)
        {
            held.Hold(BadHandshake());
        }
        else
        {
            held.Hold(BadFrames());
        }
    }

    protected override void End() => held.Clear();

    private System.Net.Sockets.Socket BadHandshake()
    {
        byte[] request = WebSocketText.Handshake(Random.Next(4) == 0 ? "/../%00" : "/");
        switch (Random.Next(5))
        {
            case 0:
                request = request[..Random.Next(request.Length)];
                break;
            case 1:
                request[Random.Next(request.Length)] = (byte)Random.Next(256);
                break;
            case 2:
                request = Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(request).Replace("Version: 13", $"Version: {Random.Next(20)}", StringComparison.Ordinal));
                break;
            case 3:
                request = Garbage.Next();
                break;
            default:
                request = Garbage.Noise(3000);
                break;
        }

        handshakes++;
        return RawConnection.Open(Server.EndPoint(transport), Garbage.Source(), request);
    }

    private Line BadFrames()
    {
        Line line = Line.Open(Server, transport, Garbage.Source(), 100);
        try
        {
            for (int i = Random.Next(1, 6); i > 0; i--)
            {
                line.SendRaw(BadFrame());
                frames++;
            }
        }
        catch
        {
            line.Dispose();
            throw;
        }

        return line;
    }

    private byte[] BadFrame()
    {
        byte[] frame = WebSocketText.Frame(Garbage.Next(), Random.Next(16), Random.Next(2) == 0);
        switch (Random.Next(5))
        {
            case 0:
                // Not masked.
                frame[1] &= 0x7F;
                break;
            case 1:
                // Reserved bits.
                frame[0] |= (byte)(0x10 << Random.Next(3));
                break;
            case 2:
                // As long as can be said.
                frame[1] = 0xFF;
                frame.AsSpan(2, Math.Min(8, frame.Length - 2)).Fill((byte)(Random.Next(2) == 0 ? 0x7F : 0xFF));
                break;
            case 3:
                frame = frame[..Random.Next(frame.Length)];
                break;
            default:
                frame = WebSocketText.Frame(Garbage.Noise(100_000), Random.Next(2) == 0 ? WebSocketText.TextFrame : WebSocketText.BinaryFrame);
                break;
        }

        return frame;
    }
}
