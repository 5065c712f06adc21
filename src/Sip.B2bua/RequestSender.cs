using Sip.B2bua.Calls;
using Sip.Messages;
using Sip.Transactions;

namespace Sip.B2bua;

/// <summary>Sends the modules' own requests, each on the loop that asks for it.</summary>
internal sealed class RequestSender(CallCore[] cores) : IRequestSender
{
    /// <inheritdoc/>
    public async ValueTask<int> SendAsync(
        SipMethod method,
        Target target,
        string from,
        string to,
        HeaderWriter? headers = null,
        object? state = null,
        string? contentType = null,
        ReadOnlyMemory<byte> body = default)
    {
        EventLoop loop = EventLoop.Current ?? throw new InvalidOperationException("A request is sent from an event loop.");
        CallCore core = cores[loop.Number];
        Final final = new(core, target, method, client => Write(core, client, target, from, to, headers, state, contentType, body.Span));
        await final.StartAsync();
        return await final.Code;
    }

    private static SipBuffer Write(
        CallCore core,
        ClientTransaction transaction,
        Target target,
        string from,
        string to,
        HeaderWriter? headers,
        object? state,
        string? contentType,
        ReadOnlySpan<byte> body)
    {
        SipWriter writer = new(core.Buffers, 512 + body.Length);
        Span<byte> tag = stackalloc byte[LoopIds.TagLength];
        core.Ids.NewTag(tag);
        Span<byte> callId = stackalloc byte[LoopIds.CallIdLength];
        core.Ids.NewCallId(callId);
        writer.RequestLine(SipMethods.Name(transaction.Method), target.UriBytes.Span);
        transaction.WriteVia(ref writer);
        writer.Header(HeaderId.MaxForwards, 70);
        foreach (string route in target.Route)
        {
            writer.BeginHeader(HeaderId.Route);
            writer.Append(route);
            writer.EndHeader();
        }

        WriteAddress(ref writer, HeaderId.From, from, tag);
        WriteAddress(ref writer, HeaderId.To, to, default);
        writer.Header(HeaderId.CallId, callId);
        writer.BeginHeader(HeaderId.CSeq);
        writer.Append("1 "u8);
        writer.Append(SipMethods.Name(transaction.Method));
        writer.EndHeader();
        core.WriteProduct(ref writer, HeaderId.UserAgent);
        headers?.Invoke(ref writer, state);
        if (contentType is null)
        {
            writer.NoBody();
        }
        else
        {
            writer.Body(System.Text.Encoding.UTF8.GetBytes(contentType), body);
        }

        return writer.Finish();
    }

    private static void WriteAddress(ref SipWriter writer, HeaderId id, string uri, scoped ReadOnlySpan<byte> tag)
    {
        writer.BeginHeader(id);
        writer.Append("<"u8);
        writer.Append(uri);
        writer.Append(">"u8);
        if (tag.Length > 0)
        {
            writer.Append(";tag="u8);
            writer.Append(tag);
        }

        writer.EndHeader();
    }

    /// <summary>Waits for a final response. It completes on the loop, which is where the asker waits.</summary>
    private sealed class Final(CallCore core, Target target, SipMethod method, Func<ClientTransaction, SipBuffer> write) : TargetTry(core, target, method)
    {
        private readonly TaskCompletionSource<int> code = new();

        public Task<int> Code => code.Task;

        protected override SipBuffer Write(ClientTransaction client) => write(client);

        protected override void OnFinal(int finalCode, SipMessage? response) => code.TrySetResult(finalCode);
    }
}
