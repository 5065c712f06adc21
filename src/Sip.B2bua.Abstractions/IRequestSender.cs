using Sip.Messages;

namespace Sip.B2bua;

/// <summary>Sends requests of our own, outside any call.</summary>
public interface IRequestSender
{
    /// <summary>Sends a request and waits for its final response on the current loop.</summary>
    /// <param name="method">The method, such as OPTIONS or MESSAGE.</param>
    /// <param name="target">Where it goes.</param>
    /// <param name="from">The From URI.</param>
    /// <param name="to">The To URI.</param>
    /// <param name="headers">Writes further headers; null: none.</param>
    /// <param name="state">Passed to <paramref name="headers"/>.</param>
    /// <param name="contentType">The type of the body; null: no body.</param>
    /// <param name="body">The body.</param>
    /// <returns>The status code of the final response; 408 when none came, 503 when it could not be sent.</returns>
    ValueTask<int> SendAsync(SipMethod method, Target target, string from, string to, HeaderWriter? headers = null, object? state = null,
        string? contentType = null, ReadOnlyMemory<byte> body = default);

    /// <summary>Sends a request and waits for its final response on the current loop.</summary>
    /// <param name="request">The request.</param>
    /// <returns>The status code of the final response; 408 when none came, 503 when it could not be sent.</returns>
    ValueTask<int> SendAsync(OwnRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return SendAsync(request.Method, request.Target, request.From, request.To, request.Headers, request.State);
    }
}
