using Sip.Headers;
using Sip.Messages;

namespace Sip.Transactions;

/// <summary>What tells server transactions apart, as keyed hashes of pieces of the request.</summary>
internal sealed class TransactionKeys(ulong key0, ulong key1)
{
    private const ulong ByBranch = 1;
    private const ulong ByHeaders = 2;
    private const ulong ByOrigin = 3;
    private const ulong ByToTag = 4;
    private const ulong ByOwnBranch = 5;

    /// <summary>
    /// The key of 17.2.3 without the method, which is compared apart because a CANCEL looks for another one. A branch that is the bare
    /// cookie, or none, names nothing: then it is the headers that RFC 2543 peers are told apart by, so two calls are never one.
    /// </summary>
    public HashValue Of(SipMessage request)
    {
        KeyedHash hash = new(key0, key1);
        if (request.HasRfc3261Branch)
        {
            hash.Add(ByBranch);
            hash.Add(request.ViaBranch);
            hash.Add(request.ViaSentBy);
        }
        else
        {
            // The To tag is compared apart: the ACK has that of the response.
            hash.Add(ByHeaders);
            hash.Add(request.RequestUri);
            hash.Add(request.FromTag);
            hash.Add(request.CallId);
            hash.Add(request.CSeqNumber);
            hash.Add(request.TopVia);
        }

        return hash.Finish();
    }

    /// <summary>8.2.2.2: From tag, Call-ID and CSeq; equal for one request that came by two paths.</summary>
    public HashValue OriginOf(SipMessage request)
    {
        KeyedHash hash = new(key0, key1);
        hash.Add(ByOrigin);
        hash.Add(request.FromTag);
        hash.Add(request.CallId);
        hash.Add(request.CSeqNumber);
        hash.Add(request.CSeqMethodName);
        return hash.Finish();
    }

    /// <summary>17.1.3: what a response to a request of ours is found by once its transaction is over: the branch that we made.</summary>
    public HashValue OfOwnBranch(ReadOnlySpan<byte> branch)
    {
        KeyedHash hash = new(key0, key1);
        hash.Add(ByOwnBranch);
        hash.Add(branch);
        return hash.Finish();
    }

    public HashValue OfToTag(ReadOnlySpan<byte> tag)
    {
        KeyedHash hash = new(key0, key1);
        hash.Add(ByToTag);
        hash.Add(tag);
        return hash.Finish();
    }
}
