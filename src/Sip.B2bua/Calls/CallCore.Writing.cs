using System.Text;
using Sip.Headers;
using Sip.Messages;
using Sip.Transactions;

namespace Sip.B2bua.Calls;

/// <content>The headers that every message of a call or of a request outside one has.</content>
internal sealed partial class CallCore
{
    /// <summary>Writes From or To for another leg: name and address-of-record cross, whatever says where the party is does not.</summary>
    public void WriteParty(ref SipWriter writer, HeaderId id, scoped ReadOnlySpan<byte> value, scoped ReadOnlySpan<byte> tag)
    {
        writer.BeginHeader(id);
        PartyValue.Write(ref writer, value, LocalDomains);
        if (tag.Length > 0)
        {
            writer.Append(";tag="u8);
            writer.Append(tag);
        }

        writer.EndHeader();
    }

    /// <summary>Writes From towards a target: nobody, if the asking party wants to be that, or the target's own, else that of the asking party.</summary>
    public void WriteFrom(ref SipWriter writer, Target target, SipMessage source, scoped ReadOnlySpan<byte> tag, bool isHidden)
    {
        if (isHidden || target.From is not { } from)
        {
            WriteParty(ref writer, HeaderId.From, isHidden ? PrivacyHeader.Anonymous : source.From, tag);
            return;
        }

        writer.BeginHeader(HeaderId.From);
        writer.Append(from);
        writer.Append(";tag="u8);
        writer.Append(tag);
        writer.EndHeader();
    }

    /// <summary>Writes To towards a target: the target's own, else that of the asking party.</summary>
    public void WriteTo(ref SipWriter writer, Target target, SipMessage source)
    {
        if (target.To is not { } to)
        {
            WriteParty(ref writer, HeaderId.To, source.To, default);
            return;
        }

        writer.BeginHeader(HeaderId.To);
        writer.Append(to);
        writer.EndHeader();
    }

    /// <summary>Writes our name, if we have one.</summary>
    public void WriteProduct(ref SipWriter writer, HeaderId id)
    {
        if (product.Length > 0)
        {
            writer.Header(id, product);
        }
    }

    /// <summary>The URI of a From or To value.</summary>
    public static ReadOnlySpan<byte> UriOf(ReadOnlySpan<byte> value) => NameAddr.TryParse(value, out NameAddr address) ? address.Uri : value;

    /// <summary>Ends a response of our own to a request outside dialogs.</summary>
    public SipBuffer FinishOwn(ref SipWriter writer, HeaderWriter? headers, object? state)
    {
        WriteProduct(ref writer, HeaderId.Server);
        headers?.Invoke(ref writer, state);
        writer.NoBody();
        return writer.Finish();
    }

    /// <summary>Writes a response that a target gave to a standalone request; <paramref name="source"/> is null for one of ours.</summary>
    public SipBuffer WriteBridgedResponse(ServerTransaction transaction, int code, string reason, SipMessage? source)
    {
        SipWriter writer = new(Buffers);
        ResponseWriter.Begin(ref writer, transaction.Request, transaction.Flow, code, Encoding.UTF8.GetBytes(reason), transaction.LocalTag);
        WriteProduct(ref writer, HeaderId.Server);
        if (source is null)
        {
            writer.NoBody();
        }
        else
        {
            FinishCrossing(ref writer, source, HeadersToCaller);
        }

        return writer.Finish();
    }

    /// <summary>Refuses a request with a header that says what could be had instead.</summary>
    public void Refuse(ServerTransaction transaction, int code, HeaderId header, ReadOnlySpan<byte> value)
    {
        SipWriter refusal = new(Buffers);
        ResponseWriter.Begin(ref refusal, transaction.Request, transaction.Flow, code, default, transaction.LocalTag);
        refusal.Header(header, value);
        refusal.NoBody();
        transaction.Respond(refusal.Finish(), code);
        transaction.LetGo();
    }

    /// <summary>Ends a message with what crosses of another: headers and body.</summary>
    /// <param name="writer">The message.</param>
    /// <param name="source">The other.</param>
    /// <param name="rules">What is changed of the headers that cross; null: nothing.</param>
    /// <param name="isPrivate">Whether its sender wants to be nobody.</param>
    /// <param name="package">The value of Event; empty: the other's.</param>
    public static void FinishCrossing(
        ref SipWriter writer, SipMessage source, HeaderRules? rules = null, bool isPrivate = false, scoped ReadOnlySpan<byte> package = default)
    {
        HeaderPolicy.WriteCrossing(ref writer, source, isPrivate, rules);
        writer.CopyAll(source, HeaderId.SessionId); // RFC 7989 7: the same UUIDs
        writer.CopyAll(source, HeaderId.ReferTo);
        if (package.IsEmpty)
        {
            writer.CopyAll(source, HeaderId.Event);
        }
        else
        {
            writer.Header(HeaderId.Event, package);
        }

        ReadOnlySpan<byte> body = BodyPolicy.Of(source.ContentType, source.Body);
        if (body.Length > 0)
        {
            HeaderPolicy.WriteBodyHeaders(ref writer, source);
            writer.Body(source.ContentType, body);
        }
        else
        {
            writer.NoBody();
        }
    }

    /// <summary>Writes the Route headers of a target.</summary>
    public static void WriteRoute(ref SipWriter writer, Target target)
    {
        foreach (string route in target.Route)
        {
            writer.BeginHeader(HeaderId.Route);
            writer.Append(route);
            writer.EndHeader();
        }
    }
}
