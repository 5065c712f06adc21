namespace Sip.B2bua.Calls;

/// <summary>What has become of a call so far: who, when, how long, how it ended and why. Its <see cref="CallRecord"/> is made of it.</summary>
internal sealed class CallCourse(TimeProvider time)
{
    private long ringAt;

    /// <summary>The calling party.</summary>
    public string Caller { get; private set; } = "";

    /// <summary>Who was called.</summary>
    public string Called { get; private set; } = "";

    /// <summary>The target that answered, or empty.</summary>
    public string AnsweredBy { get; private set; } = "";

    /// <summary>When the INVITE came.</summary>
    public DateTimeOffset Begun { get; private set; }

    /// <summary>Milliseconds from the INVITE to the first ringing, -1 when nothing rang.</summary>
    public int RingMilliseconds { get; private set; } = -1;

    /// <summary>Milliseconds from the INVITE to the answer, -1 when nobody answered.</summary>
    public int AnswerMilliseconds { get; private set; } = -1;

    /// <summary>Milliseconds from the INVITE to the end, -1 while the call lasts.</summary>
    public int Milliseconds { get; private set; } = -1;

    /// <summary>200 for an answered call, else the code that the caller got.</summary>
    public int Code { get; private set; }

    /// <summary>Who ended it: caller, callee or server.</summary>
    public string EndedBy { get; private set; } = "";

    /// <summary>Why it ended, in words.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>The INVITE has come.</summary>
    public void Begin(string caller, string called)
    {
        Caller = caller;
        Called = called;
        Begun = time.GetUtcNow();
        ringAt = time.GetTimestamp();
    }

    /// <summary>A target rings.</summary>
    public void Ring(int code)
    {
        if (RingMilliseconds < 0 && code >= 180)
        {
            RingMilliseconds = Elapsed();
        }
    }

    /// <summary>A target has answered.</summary>
    public void Answer(string by)
    {
        Code = 200;
        AnsweredBy = by;
        AnswerMilliseconds = Elapsed();
    }

    /// <summary>The call could not be set up.</summary>
    public void Fail(int code, string reason)
    {
        Code = code;
        End("callee", reason);
    }

    /// <summary>Somebody ended it; the first to do so counts.</summary>
    public void End(string by, string reason)
    {
        if (EndedBy.Length == 0)
        {
            EndedBy = by;
            Reason = reason;
            if (Code == 0)
            {
                Code = 487;
            }
        }
    }

    /// <summary>Nothing of the call is left.</summary>
    public void Close() => Milliseconds = Elapsed();

    /// <summary>The record of the call as it stands.</summary>
    /// <param name="id">The call's name.</param>
    /// <param name="trail">Who decided what.</param>
    public CallRecord ToRecord(string id, DecisionTrail trail) => new()
    {
        Id = id,
        Caller = Caller,
        Called = Called,
        AnsweredBy = AnsweredBy,
        Begun = Begun,
        Rang = At(RingMilliseconds),
        Answered = At(AnswerMilliseconds),
        Ended = At(Milliseconds),
        Code = Code,
        EndedBy = EndedBy,
        Reason = Reason,
        Trail = [.. trail.Read()],
    };

    private DateTimeOffset? At(int milliseconds) => milliseconds < 0 ? null : Begun.AddMilliseconds(milliseconds);

    private int Elapsed() => (int)time.GetElapsedTime(ringAt).TotalMilliseconds;
}
