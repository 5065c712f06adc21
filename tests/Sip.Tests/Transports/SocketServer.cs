using System.Net;
using Sip.Messages;
using Sip.Transports;

namespace Sip.Tests.Transports;

/// <summary>Loops with real sockets on the loopback interface.</summary>
internal sealed class SocketServer : IAsyncDisposable
{
    private readonly EventLoop[] loops;

    public SocketServer(
        string token,
        string bind,
        TransportOptions? options = null,
        int loopCount = 1,
        ILoopPoller? poller = null,
        TlsSettings? tls = null,
        ListeningPointOpener? open = null)
    {
        loops = [.. Enumerable.Range(0, loopCount).Select(n => new EventLoop(n, new EventLoopOptions { Poller = poller }))];
        Sets = [.. loops.Select(l => new TransportSet(l, Sink, options))];
        TransportSet.Link(Sets);
        Point = (open ?? TransportSet.Open)(Sets, new ListeningPoint { Token = token, Bind = IPEndPoint.Parse(bind), Tls = tls });
    }

    public TestSink Sink { get; } = new();

    public TransportSet[] Sets { get; }

    public ListeningPoint Point { get; }

    public IPEndPoint At(string host) => new(IPAddress.Parse(host), Point.Port);

    public SocketServer Start()
    {
        Array.ForEach(loops, l => l.Start());
        return this;
    }

    /// <summary>Runs something on one of the loops.</summary>
    public async Task<T> OnLoop<T>(Func<TransportSet, T> what, int loop = 0)
    {
        TaskCompletionSource<T> result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        loops[loop].Post(_ =>
        {
            try
            {
                result.SetResult(what(Sets[loop]));
            }
            catch (Exception e)
            {
                result.SetException(e);
            }
        }, null);
        return await result.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    public Task<bool> Send(Flow flow, string text, int loop = 0) => OnLoop(
        set =>
        {
            SipBuffer buffer = Buffer(set, text);
            set.Send(flow, buffer);
            buffer.Release();
            return true;
        },
        loop);

    /// <summary>Answers every message by way of another loop than the one that it came to. To be called before <see cref="Start"/>.</summary>
    public void AnswersFromOtherLoop(string text) => Sink.OnMessage = (set, flow, _) =>
    {
        TransportSet other = Sets[(Array.IndexOf(Sets, set) + 1) % Sets.Length];
        other.Loop.Post(
            _ =>
            {
                SipBuffer answer = Buffer(other, text);
                other.Send(flow, answer);
                answer.Release();
            },
            null);
    };

    public static SipBuffer Buffer(TransportSet set, string text)
    {
        SipBuffer buffer = set.Loop.Buffers.Rent(text.Length);
        buffer.Length = System.Text.Encoding.ASCII.GetBytes(text, buffer.Array);
        return buffer;
    }

    public async ValueTask DisposeAsync()
    {
        for (int i = 0; i < loops.Length; i++)
        {
            await OnLoop(
                set =>
                {
                    set.Close();
                    return true;
                },
                i);
            await loops[i].StopAsync();
            loops[i].Dispose();
        }
    }
}
