namespace Sip.B2bua.FunctionalTests;

/// <summary>Messages on a bad network, to a device that comes and goes: each arrives, and nothing is left behind.</summary>
public sealed class LateMessageLossTests : InMemoryTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 30)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Every_message_arrives_once_although_others_are_lost(int seed)
    {
        Start(seed);
        TestPhone alice = Server.AddPhone("alice");
        TestPhone bob = Server.AddPhone("bob");
        HashSet<string> bodies = [];
        int arrived = 0;
        bool isAway = true;
        alice.Repeats = true;
        bob.Repeats = true;
        bob.OnMessage = message =>
        {
            if (message is { IsRequest: true, Method: "MESSAGE" } && !isAway)
            {
                arrived++;
                bodies.Add(message.Body);
                bob.Reply(message, 200);
            }

            return true;
        };
        alice.OnMessage = _ => true;
        Server.Network.Conditions = new NetworkConditions
        {
            Loss = 0.1,
            Duplicate = 0.1,
            Reorder = 0.2,
            Delay = TimeSpan.FromMilliseconds(20),
            Jitter = TimeSpan.FromMilliseconds(10),
        };
        for (int i = 0; i < 12; i++)
        {
            alice.AskOutside("MESSAGE", TestCalls.Bob, $"message {i}");
            Server.Advance(3);
            if (i % 4 == 3)
            {
                isAway = !isAway;
                bob.SendRegister(parameters: ";+sip.instance=\"<urn:uuid:1>\"");
            }
        }

        isAway = false;
        Server.Advance(60);
        bob.SendRegister(parameters: ";+sip.instance=\"<urn:uuid:1>\"");
        Server.Advance(200);
        Server.ExpectNoState();
        Assert.Equal(12, bodies.Count);
        Assert.InRange(arrived, 12, 13);
        Assert.DoesNotContain(Server.Log, line => line.StartsWith("Error", StringComparison.Ordinal));
    }
}
