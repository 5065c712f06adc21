using System.Net.Sockets;

namespace Sip.Soak;

/// <summary>Connections that are left as they are until there are too many, and then closed or reset, the oldest first.</summary>
internal sealed class HeldConnections(Random random, int most)
{
    private readonly Queue<Line> lines = new();
    private readonly Queue<Socket> sockets = new();

    public void Hold(Line line)
    {
        lines.Enqueue(line);
        if (lines.Count > most)
        {
            End(lines.Dequeue());
        }
    }

    public void Hold(Socket socket)
    {
        sockets.Enqueue(socket);
        if (sockets.Count > most)
        {
            Socket oldest = sockets.Dequeue();
            if (random.Next(2) == 0)
            {
                oldest.LingerState = new LingerOption(true, 0);
            }

            oldest.Dispose();
        }
    }

    public void Clear()
    {
        while (lines.TryDequeue(out Line? line))
        {
            line.Dispose();
        }

        while (sockets.TryDequeue(out Socket? socket))
        {
            socket.Dispose();
        }
    }

    private void End(Line line)
    {
        if (random.Next(2) == 0)
        {
            line.Reset();
        }
        else
        {
            line.Dispose();
        }
    }
}
