using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sip.Soak;

/// <summary>
/// Asks the server twice a second over one transport how it is; every question must be answered with 200 within a second, the time not
/// counted for which the machine gave one of the server's threads, or the asking one, no processor.
/// </summary>
internal sealed class HealthWatch(ServerUnderSoak server, string transport, bool anew)
{
    private const int LimitMilliseconds = 1000;
    private const int PauseMilliseconds = 500;
    private const int GiveUpMilliseconds = 5000;

    private readonly byte[] buffer = new byte[65536];
    private readonly List<double> times = [];
    private Line? line;

    /// <summary>What is watched.</summary>
    public string Name => transport == "UDP" ? "UDP" : anew ? $"{transport}, a connection for each" : $"{transport}, one connection";

    /// <summary>How many questions were asked.</summary>
    public int Asked => times.Count;

    /// <summary>When an answer was late or missing, and what was seen of it.</summary>
    public List<string> Misses { get; } = [];

    /// <summary>How many answers took more than a second, and would not have on a machine of the server's own.</summary>
    public int Starved { get; private set; }

    /// <summary>The slowest answer, in milliseconds.</summary>
    public double Slowest => times.Count == 0 ? 0 : times.Max();

    /// <summary>99 answers of 100 are not slower, in milliseconds.</summary>
    public double Percentile99 => times.Count == 0 ? 0 : times.Order().ElementAt((times.Count - 1) * 99 / 100);

    /// <summary>Asks until told to stop. Runs on a thread of its own.</summary>
    public void Run(CancellationToken stop)
    {
        long began = Stopwatch.GetTimestamp();
        while (!stop.IsCancellationRequested)
        {
            Dictionary<string, double> before = server.Waits();
            long asked = Stopwatch.GetTimestamp();
            string? wrong = Ask();
            double took = Stopwatch.GetElapsedTime(asked).TotalMilliseconds;
            double starved = took <= LimitMilliseconds ? 0 : server.Waits().Max(wait => wait.Value - before.GetValueOrDefault(wait.Key, wait.Value));
            times.Add(took);
            if (wrong is not null || took - starved > LimitMilliseconds)
            {
                Misses.Add($"{Name}, after {Stopwatch.GetElapsedTime(began).TotalSeconds:F1} s: {wrong ?? "late"}, {took:F0} ms, {starved:F0} ms of it without a processor");
            }
            else if (took > LimitMilliseconds)
            {
                Starved++;
            }

            stop.WaitHandle.WaitOne(PauseMilliseconds);
        }

        line?.Dispose();
    }

    /// <summary>One question; null, or what went wrong.</summary>
    public string? Ask()
    {
        try
        {
            line ??= Line.Open(server, transport, IPAddress.Loopback, GiveUpMilliseconds);
            string callId = Guid.NewGuid().ToString("N");
            line.Send(server, GoodMessages.Options(line, callId));
            string answer = "";
            while (!answer.Contains(callId, StringComparison.Ordinal))
            {
                int count = line.Read(buffer);
                if (count == 0)
                {
                    throw new IOException("closed by the server");
                }

                answer = Encoding.Latin1.GetString(buffer, 0, count);
            }

            if (anew)
            {
                Close();
            }

            return answer.Contains("SIP/2.0 200 ", StringComparison.Ordinal) ? null : answer.Split('\r')[0];
        }
        catch (Exception e) when (e is SocketException or IOException or System.Security.Authentication.AuthenticationException)
        {
            Close();
            return e.Message;
        }
    }

    private void Close()
    {
        line?.Dispose();
        line = null;
    }
}
