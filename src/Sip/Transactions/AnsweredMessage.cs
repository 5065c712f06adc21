using Sip.Headers;
using Sip.Messages;
using Sip.Transports;

namespace Sip.Transactions;

/// <summary>What <see cref="AnsweredMessages"/> remembers of a message that was answered.</summary>
internal struct AnsweredMessage
{
    /// <summary>What it is found by.</summary>
    public HashValue Key;

    /// <summary>The place of the one before in the same bucket.</summary>
    public long Before;

    /// <summary>When it is forgotten, in the milliseconds of the loop.</summary>
    public long DueAt;

    /// <summary>Where its answer goes.</summary>
    public Flow Way;

    /// <summary>Whether it only marks where a request came from.</summary>
    public bool IsOrigin;

    /// <summary>The method of a request; that of a response is its CSeq's.</summary>
    public SipMethod Method;

    /// <summary>The port of the sent-by, for an answer whose connection is gone by then (18.2.2).</summary>
    public int SentByPort;

    /// <summary>The place of the octets: the To tag of the answer, then the answer.</summary>
    public long Octets;

    /// <summary>The length of the tag.</summary>
    public int TagLength;

    /// <summary>The length of the answer; 0: a repetition is absorbed.</summary>
    public int AnswerLength;
}
