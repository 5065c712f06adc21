using Sip.Messages;

namespace Sip.Transports;

/// <summary>What stands above the transports of one loop: it is given whatever they receive and learn. Called on that loop.</summary>
public interface IMessageSink
{
    /// <summary>A datagram, or one framed message of a stream, has come.</summary>
    /// <param name="set">The transports it came by.</param>
    /// <param name="flow">How it came, and the way back.</param>
    /// <param name="message">Its octets. The caller releases them after the call: retain what is kept.</param>
    /// <param name="stream">Whether it was framed out of a stream.</param>
    void OnMessage(TransportSet set, in Flow flow, SipBuffer message, bool stream);

    /// <summary>
    /// A flow has failed (RFC 3261 18.4): an ICMP error, a connect that failed, a connection that closed. Every loop is told, as
    /// transactions of any loop may use it; compare with <see cref="Flow.IsSameWay"/>. Never called from within a send.
    /// </summary>
    /// <param name="flow">The flow; of a datagram flow the local address may be unknown.</param>
    void OnFlowFailed(in Flow flow);

    /// <summary>
    /// A stream cannot be framed any more. What the sink sends on the flow within this call (a 400, where the header can be read) is
    /// still delivered; then the connection is closed.
    /// </summary>
    /// <param name="flow">The connection's flow.</param>
    /// <param name="partial">What was received of the broken message. The caller releases it after the call.</param>
    /// <param name="error">What is wrong.</param>
    void OnFramingError(in Flow flow, SipBuffer partial, FramingError error);
}
