using System.Text;
using Sip.B2bua.Calls;
using Sip.Messages;
using Sip.Transactions;
using Sip.Transports;

namespace Sip.B2bua;

/// <summary>Sends the modules' own requests, each on the loop that asks for it.</summary>
internal sealed class RequestSender(CallCore[] cores) : IRequestSender
{
    /// <inheritdoc/>
    public ValueTask<int> SendAsync(
        SipMethod method,
        Target target,
        string from,
        string to,
        HeaderWriter? headers = null,
        object? state = null,
        string? contentType = null,
        ReadOnlyMemory<byte> body = default) =>
        SendAsync(new OwnRequest { Method = method, Target = target, From = from, To = to, Headers = headers, State = state }, contentType, body);

    /// <inheritdoc/>
    public ValueTask<int> SendAsync(OwnRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return SendAsync(request, null, default);
    }

    private async ValueTask<int> SendAsync(OwnRequest request, string? contentType, ReadOnlyMemory<byte> body)
    {
        EventLoop loop = EventLoop.Current ?? throw new InvalidOperationException("A request is sent from an event loop.");
        Try attempt = new(cores[loop.Number], request, contentType, body);
        await attempt.StartAsync();
        return await attempt.Code;
    }

    /// <summary>The request, and the wait for its final response. It completes on the loop, which is where the asker waits.</summary>
    private sealed class Try(CallCore core, OwnRequest request, string? contentType, ReadOnlyMemory<byte> body) : TargetTry(core, request.Target, request.Method)
    {
        private readonly TaskCompletionSource<int> code = new();
        private readonly OwnRequestRow row = request.Row ?? new OwnRequestRow();

        public Task<int> Code => code.Task;

        protected override void OnFinal(int finalCode, SipMessage? response)
        {
            if (response is not null)
            {
                request.OnFinal?.Invoke(response);
            }

            code.TrySetResult(finalCode);
        }

        protected override SipBuffer Write(ClientTransaction client)
        {
            SipWriter writer = new(Core.Buffers, 512 + body.Length);
            Span<byte> tag = stackalloc byte[LoopIds.TagLength];
            Core.Ids.NewTag(tag);
            if (row.CallId.Length == 0)
            {
                Span<byte> callId = stackalloc byte[LoopIds.CallIdLength];
                Core.Ids.NewCallId(callId);
                row.CallId = Encoding.ASCII.GetString(callId);
            }

            ReadOnlySpan<byte> method = SipMethods.Name(client.Method);
            writer.RequestLine(method, Target.UriBytes.Span);
            client.WriteVia(ref writer);
            writer.Header(HeaderId.MaxForwards, 70);
            CallCore.WriteRoute(ref writer, Target);
            WriteAddress(ref writer, HeaderId.From, request.From, tag);
            WriteAddress(ref writer, HeaderId.To, request.To, default);
            writer.BeginHeader(HeaderId.CallId);
            writer.Append(row.CallId);
            writer.EndHeader();
            writer.BeginHeader(HeaderId.CSeq);
            writer.Append((long)++row.CSeq);
            writer.Append((byte)' ');
            writer.Append(method);
            writer.EndHeader();
            if (request.ContactUser is { } user)
            {
                WriteContact(ref writer, client.Flow, user);
            }

            Authentication?.Write(ref writer, method, Target.UriBytes.Span);
            Core.WriteProduct(ref writer, HeaderId.UserAgent);
            request.Headers?.Invoke(ref writer, request.State);
            if (contentType is null)
            {
                writer.NoBody();
            }
            else
            {
                writer.Body(Encoding.UTF8.GetBytes(contentType), body.Span);
            }

            return writer.Finish();
        }

        // Our Contact as the peer reaches us, with the user put before the host.
        private void WriteContact(ref SipWriter writer, in Flow flow, string user)
        {
            ReadOnlySpan<byte> ours = Core.ContactFor(flow, SipsRule.AppliesTo(Target));
            int host = ours.IndexOf((byte)':') + 1;
            writer.BeginHeader(HeaderId.Contact);
            writer.Append(ours[..host]);
            writer.Append(user);
            writer.Append((byte)'@');
            writer.Append(ours[host..]);
            writer.EndHeader();
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
    }
}
