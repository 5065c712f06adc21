using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>
/// Which of a fork's final answers goes to the caller (RFC 3261 §16.7 step 6): a 6xx before all others, else the lowest
/// class; within 4xx the first that lets the caller try again differently; otherwise the first that came.
/// </summary>
internal struct BestResponse
{
    /// <summary>The status code of the best answer so far; 0 when there is none.</summary>
    public int Code { get; private set; }

    /// <summary>Its reason phrase.</summary>
    public string Reason { get; private set; }

    /// <summary>The answer itself, kept until <see cref="Clear"/>; null for one of our own.</summary>
    public SipMessage? Message { get; private set; }

    /// <summary>Takes one more answer into account.</summary>
    public void Add(int code, string reason, SipMessage? message)
    {
        if (Code == 0 || Rank(code) < Rank(Code))
        {
            Clear();
            Code = code;
            Reason = reason;
            Message = message;
            message?.Retain();
        }
    }

    /// <summary>Lets the answer go.</summary>
    public void Clear()
    {
        Message?.Release();
        Message = null;
    }

    private static int Rank(int code) => code switch
    {
        >= 600 => code - 600,
        401 or 407 or 415 or 420 or 484 => 4000,
        408 or 480 => 4900, // somebody who answered at all says more than a silent device
        503 => 5900,
        _ => (code / 100 * 1000) + 500,
    };
}
