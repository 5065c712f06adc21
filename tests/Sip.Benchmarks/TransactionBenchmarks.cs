using System.Diagnostics;
using System.Net;
using Sip.Messages;
using Sip.Transactions;
using Sip.Transports;

namespace Sip.Benchmarks;

/// <summary>
/// What a transaction costs beside many others that are alive: an OPTIONS is matched, answered, its repetition absorbed, and
/// one that is 32 s old ends (timer J). The clock moves so that their number stays. The cost must not grow with it.
/// </summary>
internal sealed class TransactionBenchmarks : IMessageSink, IServerTransactionUser, IDisposable
{
    private const int Calls = 50_000;
    private const int Rounds = 9;
    private const double LifeMilliseconds = 32_000;
    private readonly StepClock clock = new();
    private readonly EventLoop loop;
    private readonly SipMessagePool messages = new();
    private readonly TransportSet transports;
    private readonly TransactionTable table;
    private readonly Flow flow;
    private int serial;

    public TransactionBenchmarks()
    {
        loop = new EventLoop(0, new EventLoopOptions { Time = clock, Poller = EventLoopOptions.WithoutSockets() });
        transports = new TransportSet(loop, this);
        DiscardingTransport sink = new(new ListeningPoint { Token = "UDP", Bind = IPEndPoint.Parse("192.0.2.1:5060") }, transports);
        transports.Add(sink);
        table = new TransactionTable(loop, transports, messages, new TransactionOptions { MaxTransactions = int.MaxValue });
        flow = new Flow(sink, sink.Point.Address, SipAddress.From(IPEndPoint.Parse("203.0.113.9:40000")));
    }

    /// <summary>Measures beside 1 thousand, 100 thousand and 1 million live transactions.</summary>
    public static void Run()
    {
        double first = 0;
        foreach (int live in (ReadOnlySpan<int>)[1_000, 100_000, 1_000_000])
        {
            using TransactionBenchmarks benchmarks = new();
            double nanoseconds = benchmarks.Measure(live);
            first = first == 0 ? nanoseconds : first;
            Console.WriteLine(
                $"{benchmarks.table.Count,9} live transactions: {nanoseconds,6:F0} ns each, {1e9 / nanoseconds,9:F0}/s, {nanoseconds / first:F2} of the first");
        }
    }

    public void Dispose() => loop.Dispose();

    public void OnMessage(TransportSet set, in Flow from, SipBuffer message, bool stream)
    {
    }

    public void OnFlowFailed(in Flow failed)
    {
    }

    public void OnFramingError(in Flow from, SipBuffer partial, FramingError error)
    {
    }

    public void OnCancel(ServerTransaction t, SipMessage cancel)
    {
    }

    public void OnFailed(ServerTransaction t, TransactionFailure why)
    {
    }

    public void OnTerminated(ServerTransaction t)
    {
    }

    // The best of a few rounds: a busy machine only ever adds.
    private double Measure(int live)
    {
        double step = LifeMilliseconds / live;
        for (int i = 0; i < live + Calls; i++)
        {
            Step(step);
        }

        double best = double.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < Calls; i++)
            {
                Step(step);
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds / Calls);
        }

        return best;
    }

    private void Step(double milliseconds)
    {
        Serve();
        clock.Milliseconds += milliseconds;
        if (serial % 32 == 0)
        {
            loop.Turn(0); // one turn a batch, as from a socket
        }
    }

    private void Serve()
    {
        SipMessage request = Parse(++serial);
        if (table.HandleRequest(request, flow) == RequestMatch.New)
        {
            table.CreateServer(request, flow, this).Respond(200);
        }

        table.HandleRequest(request, flow); // the repetition
        request.Release();
    }

    private SipMessage Parse(int number)
    {
        SipBuffer buffer = Samples.RentOptions(loop.Buffers, number);
        SipMessage message = messages.Rent();
        SipParser.Parse(buffer, stream: false, message, SipLimits.Default);
        return message;
    }
}
