using Sip.Messages;

namespace Sip.B2bua;

/// <summary>A request of our own, outside any call, with all that can be said about it.</summary>
public sealed class OwnRequest
{
    /// <summary>The method, such as REGISTER or OPTIONS.</summary>
    public required SipMethod Method { get; init; }

    /// <summary>Where it goes. Its <see cref="Target.Credentials"/> answer a challenge.</summary>
    public required Target Target { get; init; }

    /// <summary>The From URI.</summary>
    public required string From { get; init; }

    /// <summary>The To URI.</summary>
    public required string To { get; init; }

    /// <summary>
    /// Names the row of requests that this one belongs to, such as the refreshes of one registration (RFC 3261 §10.2.4): Call-ID and
    /// CSeq go on where the last one ended. Null: it stands alone.
    /// </summary>
    public OwnRequestRow? Row { get; init; }

    /// <summary>The user of our Contact, where the request needs one; null: no Contact.</summary>
    public string? ContactUser { get; init; }

    /// <summary>Writes further headers; null: none.</summary>
    public HeaderWriter? Headers { get; init; }

    /// <summary>Passed to <see cref="Headers"/>.</summary>
    public object? State { get; init; }

    /// <summary>Reads the final response before the request is over; the message is valid only during the call. Null: nothing of it matters but its code.</summary>
    public Action<SipMessage>? OnFinal { get; init; }
}
