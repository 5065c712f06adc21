using System.Buffers.Text;
using System.Security.Cryptography;
using Sip.Headers;
using Sip.Messages;
using Sip.Transports;
using Sip.Uris;

namespace Sip.B2bua.Calls;

/// <summary>
/// Tells a request that runs in circles (RFC 5393 4.2, which RFC 7332 4 recommends to a B2BUA) from one that comes here again for something
/// else. The branch of our Via, where the RFC keeps what it needs, is gone behind the next back-to-back user agent; so each visit leaves a
/// mark in a header of its own, which servers of this kind hand on. It tells nobody anything: only the key of this server explains it.
/// A server that drops it is left to Max-Forwards.
/// </summary>
internal sealed class LoopMarks
{
    private const int Length = 16;

    private readonly ulong key0;
    private readonly ulong key1;

    public LoopMarks()
    {
        Span<byte> key = stackalloc byte[16];
        RandomNumberGenerator.Fill(key);
        key0 = BitConverter.ToUInt64(key);
        key1 = BitConverter.ToUInt64(key[8..]);
    }

    /// <summary>4.2.2 item 4: whether the request was here before, as it is now.</summary>
    public bool Contain(SipMessage request, in Flow from)
    {
        if (!request.Has(HeaderId.LoopMark))
        {
            return false;
        }

        Span<byte> own = stackalloc byte[Length];
        Format(request, from, own);
        foreach (ReadOnlySpan<byte> mark in request.Values(HeaderId.LoopMark))
        {
            if (mark.SequenceEqual(own))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Writes the marks that a request brought, and one of ours for its being here.</summary>
    /// <param name="writer">The request that goes on.</param>
    /// <param name="request">The request that came.</param>
    /// <param name="from">The flow that it came by.</param>
    public void Write(ref SipWriter writer, SipMessage request, in Flow from)
    {
        Span<byte> own = stackalloc byte[Length];
        Format(request, from, own);
        writer.CopyAll(request, HeaderId.LoopMark);
        writer.Header(HeaderId.LoopMark, own);
    }

    // 4.2.1: it varies "with any field used by the location service logic in determining where to retarget or forward this request", and not
    // with the method: who is called, who calls, the Route, and the machine that it comes from, for what an application server sends back
    // goes another way than what it was sent.
    private void Format(SipMessage request, in Flow from, Span<byte> to)
    {
        KeyedHash hash = new(key0, key1);
        AddUri(ref hash, request.RequestUri);
        AddUri(ref hash, CallCore.UriOf(request.From));
        foreach (ReadOnlySpan<byte> route in request.Values(HeaderId.Route))
        {
            hash.Add(route);
        }

        Span<byte> address = stackalloc byte[16];
        hash.Add(address[..from.Remote.WriteAddress(address)]);
        Utf8Formatter.TryFormat(hash.Finish().Low, to, out _, new('x', Length));
    }

    // Parameters do not decide where a user is, but for gr: whoever makes them up comes no further.
    private static void AddUri(ref KeyedHash hash, ReadOnlySpan<byte> text)
    {
        Span<byte> address = stackalloc byte[AddressOfRecord.MaxLength];
        if (!SipUri.TryParse(text, out SipUri uri) || !AddressOfRecord.TryWrite(uri, address, out int length))
        {
            hash.Add(text);
            return;
        }

        uri.TryGetParam("gr"u8, out ReadOnlySpan<byte> instance);
        hash.Add(address[..length]);
        hash.Add(instance);
    }
}
