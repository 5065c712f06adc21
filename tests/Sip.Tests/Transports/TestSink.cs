using System.Text;
using System.Threading.Channels;
using Sip.Messages;
using Sip.Transports;

namespace Sip.Tests.Transports;

/// <summary>Notes everything that transports give it, for a test that waits on another thread.</summary>
internal sealed class TestSink : IMessageSink
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(30);

    private readonly Channel<(Flow Flow, string Text)> messages = Channel.CreateUnbounded<(Flow, string)>();
    private readonly Channel<Flow> failures = Channel.CreateUnbounded<Flow>();
    private readonly Channel<FramingError> framing = Channel.CreateUnbounded<FramingError>();

    public Action<TransportSet, Flow, SipBuffer>? OnMessage { get; set; }

    public Action<Flow, SipBuffer>? OnFramingError { get; set; }

    void IMessageSink.OnMessage(TransportSet set, in Flow flow, SipBuffer message, bool stream)
    {
        OnMessage?.Invoke(set, flow, message);
        messages.Writer.TryWrite((flow, Encoding.UTF8.GetString(message.Span)));
    }

    void IMessageSink.OnFlowFailed(in Flow flow) => failures.Writer.TryWrite(flow);

    void IMessageSink.OnFramingError(in Flow flow, SipBuffer partial, FramingError error)
    {
        OnFramingError?.Invoke(flow, partial);
        framing.Writer.TryWrite(error);
    }

    public Task<(Flow Flow, string Text)> MessageAsync() => messages.Reader.ReadAsync().AsTask().WaitAsync(Generous);

    public Task<Flow> FailureAsync() => failures.Reader.ReadAsync().AsTask().WaitAsync(Generous);

    public Task<FramingError> FramingErrorAsync() => framing.Reader.ReadAsync().AsTask().WaitAsync(Generous);

    public bool HasMessage => messages.Reader.TryPeek(out _);

    public bool HasFailure => failures.Reader.TryPeek(out _);

    public (Flow Flow, string Text)? TakeMessage() => messages.Reader.TryRead(out (Flow, string) m) ? m : null;

    public Flow? TakeFailure() => failures.Reader.TryRead(out Flow f) ? f : null;
}
