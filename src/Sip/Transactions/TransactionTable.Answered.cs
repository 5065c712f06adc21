using Sip.Headers;
using Sip.Messages;

namespace Sip.Transactions;

/// <content>What is left of transactions that have ended before their time, because only repetitions could still come.</content>
public sealed partial class TransactionTable
{
    private readonly AnsweredMessages answers;
    private readonly List<ServerTransaction> answered = [];

    /// <summary>Hears of answers that come after all; null: they are dropped.</summary>
    public ILateAnswers? LateAnswers { get; set; }

    /// <inheritdoc/>
    void ITurnEnd.OnTurnEnd()
    {
        try
        {
            foreach (ServerTransaction transaction in answered)
            {
                transaction.ForgetRequest();
            }
        }
        finally
        {
            answered.Clear(); // or this would never be called again
        }
    }

    /// <summary>The request of an answered transaction is kept to the end of the turn, for whoever still reads it.</summary>
    internal void ForgetRequestAtTurnEnd(ServerTransaction transaction)
    {
        if (answered.Count == 0)
        {
            Loop.AtTurnEnd(this);
        }

        answered.Add(transaction);
    }

    /// <summary>Keeps what must be known of a request that was answered, so that its transaction can end.</summary>
    /// <param name="transaction">Its transaction.</param>
    /// <param name="sentByPort">What <see cref="ResponseRoute.SentByPort"/> said of it.</param>
    /// <param name="response">The answer; null where a repetition is absorbed.</param>
    internal void Remember(ServerTransaction transaction, int sentByPort, SipBuffer? response)
    {
        ReadOnlySpan<byte> answer = response is null ? default : response.Span;
        answers.Add(new AnsweredMessage { Key = transaction.KeyNode.Key, Method = transaction.Method, Way = transaction.ResponseFlow, SentByPort = sentByPort }, transaction.LocalTag, answer);
        if (transaction.OriginNode.IsLinked)
        {
            // 8.2.2.2: the same request by another path is still merged with this one.
            answers.AddOrigin(transaction.OriginNode.Key);
        }
    }

    /// <summary>Keeps the ACK of an INVITE's 2xx, so that its transaction can end.</summary>
    internal void Remember(ClientTransaction transaction, SipBuffer ack, ReadOnlySpan<byte> tag) =>
        answers.Add(new AnsweredMessage { Key = keys.OfOwnBranch(transaction.Branch), Method = SipMethod.Invite, Way = transaction.Flow }, tag, ack.Span);

    private bool IsKnownOrigin(HashValue origin) => origins.First(origin) is not null || answers.HasOrigin(origin);

    // 17.2.2 and RFC 6026 7.1: a repeated request gets its final response again; that of an answered INVITE is absorbed.
    private void Repeat(long place)
    {
        ref AnsweredMessage known = ref answers.At(place);
        if (known.AnswerLength > 0)
        {
            SipBuffer copy = Copy(answers.AnswerOf(known));
            ResponseRoute.Send(Transports, known.SentByPort, ref known.Way, copy);
            copy.Release();
        }
    }

    // RFC 6026 7.2: 2xx that come within timer M.
    private static bool MayRepeat(SipMessage response) => response is { CSeqMethod: SipMethod.Invite, StatusCode: >= 200 and < 300 };

    // True for the 2xx of an INVITE whose call is over.
    private bool TryTakeLate(SipMessage response)
    {
        long place = answers.Find(keys.OfOwnBranch(response.ViaBranch), SipMethod.Invite);
        if (place < 0)
        {
            return false;
        }

        ref AnsweredMessage known = ref answers.At(place);
        if (answers.TagOf(known).SequenceEqual(response.ToTag))
        {
            SipBuffer ack = Copy(answers.AnswerOf(known)); // 13.2.2.4: the ACK was lost
            Transports.Send(known.Way, ack);
            ack.Release();
        }
        else
        {
            LateAnswers?.OnLateAnswer(known.Way, response);
        }

        return true;
    }

    private SipBuffer Copy(ReadOnlySpan<byte> message)
    {
        SipBuffer copy = Loop.Buffers.Rent(message.Length);
        message.CopyTo(copy.Array);
        copy.Length = message.Length;
        return copy;
    }
}
