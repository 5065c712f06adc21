using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Sip.Messages;
using Sip.Transactions;
using Sip.Transports;

namespace Sip.B2bua.Calls;

/// <summary>Writes a request outside calls for another side: ids, path and addresses are ours, what crosses is the asker's.</summary>
internal static class StandaloneWriter
{
    /// <summary>Writes it for a target.</summary>
    /// <param name="core">Where it is sent from.</param>
    /// <param name="request">The asker's request.</param>
    /// <param name="from">The flow that it came by.</param>
    /// <param name="sender">Who the asker is.</param>
    /// <param name="client">The transaction that will send it.</param>
    /// <param name="target">Where it goes.</param>
    /// <param name="breadth">Its share of Max-Breadth.</param>
    /// <param name="headers">Headers that modules have added.</param>
    /// <param name="authentication">The answer to the target's challenge; null: none.</param>
    public static SipBuffer Write(
        CallCore core,
        SipMessage request,
        in Flow from,
        in ProvenSender sender,
        ClientTransaction client,
        Target target,
        int breadth,
        IReadOnlyList<(string Name, string Value)> headers,
        PeerAuthentication? authentication = null)
    {
        SipWriter writer = new(core.Buffers, request.Bytes.Length + 256);
        writer.RequestLine(request.MethodName, target.UriBytes.Span);
        client.WriteVia(ref writer);
        writer.Header(HeaderId.MaxForwards, request.MaxForwards < 0 ? 70 : request.MaxForwards - 1);
        writer.Header(HeaderId.MaxBreadth, breadth);
        core.LoopMarks.Write(ref writer, request, from);
        CallCore.WriteRoute(ref writer, target);
        Span<byte> tag = stackalloc byte[LoopIds.TagLength];
        core.Ids.NewTag(tag);
        Span<byte> callId = stackalloc byte[LoopIds.CallIdLength];
        core.Ids.NewCallId(callId);
        core.WriteFrom(ref writer, target, request, authentication is null ? tag : authentication.FromTag, sender.IsHidden);
        core.WriteTo(ref writer, target, request);
        writer.Header(HeaderId.CallId, authentication is null ? callId : authentication.CallId); // 8.1.3.5: as in the request that was challenged
        writer.BeginHeader(HeaderId.CSeq);
        writer.Append(authentication is null ? 1L : authentication.ChallengedCSeq + 1L);
        writer.Append((byte)' ');
        writer.Append(request.MethodName);
        writer.EndHeader();
        if (request.Has(HeaderId.Contact) && request.Method != SipMethod.Message)
        {
            // RFC 3428 5: a MESSAGE has none.
            writer.Header(HeaderId.Contact, core.ContactFor(client.Flow, SipsRule.AppliesTo(target)));
        }

        authentication?.Write(ref writer, request.MethodName, target.UriBytes.Span);
        core.WriteProduct(ref writer, HeaderId.UserAgent);
        CallerIdentity.Write(ref writer, core.Options, sender, target, request);
        foreach ((string name, string value) in headers)
        {
            writer.Header(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
        }

        WriteDate(ref writer, request, core.Time.GetUtcNow());
        CallCore.FinishCrossing(ref writer, request, core.HeadersToCallee, sender.IsHidden);
        return writer.Finish();
    }

    /// <summary>RFC 3428 4: when a MESSAGE was written: the sender's Date, or else the time at which it came here.</summary>
    public static void WriteDate(ref SipWriter writer, SipMessage request, DateTimeOffset arrived)
    {
        if (request.Method != SipMethod.Message)
        {
            return;
        }

        if (request.Has(HeaderId.Date))
        {
            writer.Header(HeaderId.Date, request.First(HeaderId.Date));
            return;
        }

        Span<byte> date = stackalloc byte[29];
        Utf8Formatter.TryFormat(arrived, date, out int length, new StandardFormat('R'));
        writer.Header(HeaderId.Date, date[..length]);
    }
}
