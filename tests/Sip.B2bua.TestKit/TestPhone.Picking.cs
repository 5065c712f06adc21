namespace Sip.B2bua.TestKit;

/// <content>Taking messages in another order than that in which they came, as a network that loses some makes needful.</content>
public sealed partial class TestPhone
{
    /// <summary>The messages that have come and that no test has taken.</summary>
    public IReadOnlyCollection<TestMessage> Waiting => inbox;

    /// <summary>Moves the clock until a message comes that is wanted, takes it, and leaves the others for later.</summary>
    /// <param name="wanted">Which is wanted.</param>
    /// <param name="what">What it is called when it does not come.</param>
    /// <param name="seconds">How long at most.</param>
    public TestMessage Pick(Func<TestMessage, bool> wanted, string what, double seconds = 64)
    {
        if (!network.AdvanceUntil(() => inbox.Any(wanted), TimeSpan.FromSeconds(seconds)))
        {
            throw new UnexpectedMessageException($"{User} waited for {what} in vain; there came:\n{string.Join("\n", inbox)}");
        }

        TestMessage picked = inbox.First(wanted);
        for (int count = inbox.Count; count > 0; count--)
        {
            TestMessage message = inbox.Dequeue();
            if (message != picked)
            {
                inbox.Enqueue(message);
            }
        }

        return Taken(picked, wanted, what);
    }
}
