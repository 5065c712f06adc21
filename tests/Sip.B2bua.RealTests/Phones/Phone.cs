using Sip.B2bua.RealTests.Programs;
using Sip.B2bua.RealTests.Sound;
using Xunit;

namespace Sip.B2bua.RealTests.Phones;

/// <summary>A phone program that a test uses as a person would: dial, answer, listen, hang up. One call at a time.</summary>
internal abstract class Phone(Account account, PhoneTransport transport, double hertz) : IAsyncDisposable
{
    // What must be heard of a tone to say that a call has sound, and what may be heard of one's own (an echo).
    private const double HeardSeconds = 0.5;
    private const double EchoSeconds = 0.2;

    /// <summary>Whose phone it is.</summary>
    public Account Account { get; } = account;

    /// <summary>How it reaches the server.</summary>
    public PhoneTransport Transport { get; } = transport;

    /// <summary>The tone that it sends in place of speech.</summary>
    public double Hertz { get; } = hertz;

    /// <summary>Everything it has printed, for a failed test.</summary>
    public abstract string Evidence { get; }

    /// <summary>The SIP messages that it has sent and received.</summary>
    public abstract IReadOnlyList<TracedMessage> Trace { get; }

    /// <summary>Whether the server has accepted its registration.</summary>
    public bool IsRegistered => Trace.Any(message => message is { Received: true, Method: "REGISTER", Code: 200 });

    /// <summary>Whether it sees a call coming.</summary>
    protected abstract bool SeesIncoming { get; }

    /// <summary>Whether it, calling, knows that the other phone rings.</summary>
    protected abstract bool SeesRinging { get; }

    /// <summary>Whether it has a call that is answered.</summary>
    protected abstract bool SeesAnswered { get; }

    /// <summary>Whether it has seen the end of its last call.</summary>
    protected abstract bool SeesEnd { get; }

    /// <summary>What it has heard so far, by its own recording.</summary>
    protected abstract Wav? Recorded { get; }

    public abstract Task DialAsync(string uri);

    public abstract Task AnswerAsync();

    /// <summary>Calls another phone, which rings and answers; then each hears the other.</summary>
    /// <param name="other">The other phone.</param>
    /// <param name="uri">What is dialled.</param>
    public async Task TalkAsync(Phone other, string uri)
    {
        await DialAsync(uri);
        await other.IncomingAsync();
        await RingingAsync();
        await other.AnswerAsync();
        await AnsweredAsync();
        await other.AnsweredAsync();
        await HearsAsync(other);
        await other.HearsAsync(this);
    }

    /// <summary>Hangs up, takes back a call that is not answered, or declines one that comes in.</summary>
    public abstract Task HangUpAsync();

    public abstract Task HoldAsync();

    public abstract Task ResumeAsync();

    /// <summary>Ends the program at once: it cannot unregister nor close a call.</summary>
    public abstract void KillNow();

    /// <summary>Ends the program as a user does; it unregisters.</summary>
    public abstract Task QuitAsync();

    public Task RegisteredAsync() => Until(() => IsRegistered, "a registration");

    public Task IncomingAsync() => Until(() => SeesIncoming, "a call that comes in");

    /// <summary>Waits for ringing at the caller: in the phone's own words, and a 180 on the wire.</summary>
    public Task RingingAsync() => Until(() => SeesRinging && Received(180), "ringing");

    public Task AnsweredAsync() => Until(() => SeesAnswered, "an answered call");

    /// <summary>Waits for the end of the call.</summary>
    public Task EndedAsync(double seconds = 15) => Until(() => SeesEnd, "the end of the call", seconds);

    /// <summary>Waits for a final response to an INVITE of its own other than a challenge, and returns its code.</summary>
    public async Task<int> RefusedAsync(double seconds = 15)
    {
        await Until(() => Refusals().Any(), "a refusal", seconds);
        await EndedAsync();
        return Refusals().First();

        IEnumerable<int> Refusals() =>
            Trace.Where(message => message is { Received: true, Method: "INVITE", Code: >= 300 and not 401 and not 407 }).Select(message => message.Code);
    }

    /// <summary>Waits until the other phone's tone is in its recording, and hardly anything of its own.</summary>
    public async Task HearsAsync(Phone other)
    {
        await Until(() => Heard(other.Hertz) >= HeardSeconds, $"{HeardSeconds} s of {other.Account.User}'s tone of {other.Hertz} Hz");
        Assert.True(Heard(Hertz) < EchoSeconds, $"{Account.User} hears its own tone for {Heard(Hertz)} s\n{Evidence}");
    }

    /// <summary>Whether a response with that code to an INVITE has come.</summary>
    public bool Received(int code) => Trace.Any(message => message.Received && message.Method == "INVITE" && message.Code == code);

    /// <summary>Whether a request of that method has come.</summary>
    public bool Received(string method) => Trace.Any(message => message is { Received: true, IsResponse: false } && message.Method == method);

    /// <summary>Waits for something of this phone.</summary>
    public Task Until(Func<bool> condition, string what, double seconds = 15) =>
        Wait.ForAsync(condition, $"{Account.User} ({GetType().Name}, {Transport}): {what}", () => Evidence, seconds);

    public abstract ValueTask DisposeAsync();

    private double Heard(double hertz) => Recorded is { } wav ? Tone.SecondsOf(wav, hertz) : 0;
}
