using System.Diagnostics;
using System.Net;
using Sip.Messages;
using Sip.Transactions;
using Sip.Transports;

namespace Sip.Benchmarks;

/// <summary>
/// How many messages a second go through one loop, sockets left out: an OPTIONS is framed as a datagram, parsed, given its owner,
/// matched, made a transaction, answered with 200, and the answer handed to the transport.
/// </summary>
internal sealed class LoopBenchmark : ISipUser, IServerTransactionUser
{
    private const int Batch = 32;
    private const int Rounds = 40;
    private const int Calls = 20_000;
    private const double MillisecondsBetween = 0.1;
    private readonly StepClock clock = new();
    private readonly SipLoop loop;
    private readonly Flow flow;
    private int serial;
    private long sent;

    private LoopBenchmark()
    {
        DiscardingTransport? transport = null;
        SipStack stack = new(
            new SipStackOptions
            {
                EventLoops = 1,
                Time = clock,
                Transactions = new TransactionOptions { MaxTransactions = int.MaxValue },
                Points = [new ListeningPoint { Token = "UDP", Bind = IPEndPoint.Parse("192.0.2.1:5060") }],
                CreateLoop = i => new EventLoop(i, new EventLoopOptions { Time = clock, Poller = EventLoopOptions.WithoutSockets() }),
                OpenPoint = (sets, point) =>
                {
                    transport = new DiscardingTransport(point, sets[0], () => sent++);
                    sets[0].Add(transport);
                    return point;
                },
            },
            this);
        stack.Open();
        loop = stack.Loops[0];
        flow = new Flow(transport!, transport!.Point.Address, SipAddress.From(IPEndPoint.Parse("203.0.113.9:40000")));
    }

    /// <summary>Measures and prints.</summary>
    public static void Run()
    {
        LoopBenchmark benchmark = new();
        double best = double.MaxValue;
        long allocated = 0;
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            benchmark.Serve(Calls);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds / Calls);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        if (benchmark.sent != (long)Rounds * Calls)
        {
            throw new InvalidOperationException($"{benchmark.sent} of {(long)Rounds * Calls} were answered");
        }

        Console.WriteLine($"one loop: {best:F0} ns for an OPTIONS and its 200, {2e9 / best:F0} messages/s, {allocated / Calls} B each");
    }

    public void OnRequest(SipLoop on, SipMessage request, in Flow from) => on.Transactions.CreateServer(request, from, this).Respond(200);

    public void OnCancel(ServerTransaction transaction, SipMessage cancel)
    {
    }

    public void OnFailed(ServerTransaction transaction, TransactionFailure why)
    {
    }

    public void OnTerminated(ServerTransaction transaction)
    {
    }

    private void Serve(int count)
    {
        for (int i = 0; i < count; i++)
        {
            loop.Transports.Deliver(flow, Samples.RentOptions(loop.EventLoop.Buffers, ++serial), stream: false);
            clock.Milliseconds += MillisecondsBetween;
            if (serial % Batch == 0)
            {
                loop.EventLoop.Turn(0);
            }
        }
    }
}
