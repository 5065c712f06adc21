using Sip.Headers;
using Sip.Messages;
using Sip.Transports;

namespace Sip.Transactions;

/// <summary>
/// Answers requests without a transaction (RFC 3261 8.2.7): a challenge or refusal leaves nothing behind, is never retransmitted
/// by us, and is made anew, tag and all, when the request is.
/// </summary>
public sealed class StatelessResponder
{
    private readonly EventLoop loop;
    private readonly TransportSet transports;
    private readonly ulong key0;
    private readonly ulong key1;
    private readonly byte[] tag = new byte[32];

    internal StatelessResponder(EventLoop loop, TransportSet transports, LoopIds ids)
    {
        this.loop = loop;
        this.transports = transports;
        key0 = ids.NextSeed();
        key1 = ids.NextSeed();
    }

    /// <summary>Answers with nothing but the headers that every response has. An ACK is never answered.</summary>
    /// <param name="request">The request; one that the parser refused will do if it can be answered.</param>
    /// <param name="flow">The flow that it came by.</param>
    /// <param name="statusCode">A final status code.</param>
    /// <param name="reason">The reason phrase; empty for the standard one.</param>
    public void Respond(SipMessage request, in Flow flow, int statusCode, ReadOnlySpan<byte> reason = default)
    {
        SipWriter writer = Begin(request, flow, statusCode, reason);
        writer.NoBody();
        Send(request, flow, writer.Finish());
    }

    /// <summary>Begins a response to which headers are to be added; end it with a body or none, and <see cref="Send"/>.</summary>
    public SipWriter Begin(SipMessage request, in Flow flow, int statusCode, ReadOnlySpan<byte> reason = default)
    {
        SipWriter writer = new(loop.Buffers);
        Begin(ref writer, request, flow, statusCode, reason);
        return writer;
    }

    /// <summary>As the other one, into a writer of the caller's.</summary>
    public void Begin(ref SipWriter writer, SipMessage request, in Flow flow, int statusCode, scoped ReadOnlySpan<byte> reason)
    {
        System.Diagnostics.Debug.Assert(statusCode >= 200, "8.2.7: a stateless UAS sends no provisional response");
        ResponseWriter.Begin(ref writer, request, flow, statusCode, reason, TagFor(request));
    }

    /// <summary>Sends a finished response the way that 18.2.2 says.</summary>
    /// <param name="request">The request.</param>
    /// <param name="flow">The flow that it came by.</param>
    /// <param name="response">The response. Takes over the caller's count.</param>
    public void Send(SipMessage request, in Flow flow, SipBuffer response)
    {
        // 8.2.7: "A stateless UAS MUST ignore ACK requests"; nothing ever answers one.
        if (request.Method != SipMethod.Ack)
        {
            Flow way = ResponseRoute.For(request, flow);
            ResponseRoute.Send(transports, way.TakesAnswers ? 0 : ResponseRoute.SentByPort(request, flow), ref way, response);
        }

        response.Release();
    }

    // 8.2.7: the same tag for the same request, and nobody else can make it. No hexadecimal digit first: it names no loop.
    private ReadOnlySpan<byte> TagFor(SipMessage request)
    {
        KeyedHash hash = new(key0, key1);
        hash.Add(request.CallId);
        hash.Add(request.FromTag);
        hash.Add(request.CSeqNumber);
        hash.Add(request.ViaBranch);
        tag[0] = (byte)'s';
        hash.Finish().Low.TryFormat(tag.AsSpan(1), out int written, "x16", System.Globalization.CultureInfo.InvariantCulture);
        return tag.AsSpan(0, 1 + written);
    }
}
