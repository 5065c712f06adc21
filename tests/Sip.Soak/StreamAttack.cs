namespace Sip.Soak;

/// <summary>Damaged messages on connections, one behind the other and in pieces; the connection is then ended, reset or left.</summary>
internal sealed class StreamAttack(ServerUnderSoak server, string transport, int seed) : Attack(server, seed, pauseMilliseconds: 10)
{
    private readonly HeldConnections held = new(new Random(seed), 200);
    private readonly byte[] buffer = new byte[65536];
    private long connections;
    private long messages;

    public override string Name => $"messages over {transport}";

    public override string Done => $"{messages} on {connections} connections";

    protected override void Step()
    {
        Line line = Line.Open(Server, transport, Garbage.Source(), 100);
        connections++;
        try
        {
            for (int i = Random.Next(1, 20); i > 0; i--)
            {
                SendInPieces(line, Garbage.Next());
                messages++;
            }

            if (Random.Next(4) == 0)
            {
                while (line.Read(buffer) > 0)
                {
                }
            }
        }
        catch
        {
            line.Dispose();
            throw;
        }

        held.Hold(line);
    }

    protected override void End() => held.Clear();

    private void SendInPieces(Line line, byte[] message)
    {
        if (line.Transport is "WS" or "WSS" || Random.Next(3) == 0)
        {
            line.Send(Server, message);
            return;
        }

        for (int at = 0; at < message.Length;)
        {
            int piece = Math.Min(1 + Random.Next(1500), message.Length - at);
            line.SendRaw(message.AsSpan(at, piece));
            at += piece;
        }
    }
}
