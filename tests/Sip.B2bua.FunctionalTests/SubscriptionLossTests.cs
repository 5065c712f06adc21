namespace Sip.B2bua.FunctionalTests;

/// <summary>Subscriptions on a bad network, and with phones that do as they like: what is over leaves nothing behind.</summary>
public sealed class SubscriptionLossTests : InMemoryTests
{
    private static readonly NetworkConditions BadNetwork = new()
    {
        Loss = 0.1,
        Duplicate = 0.1,
        Reorder = 0.2,
        ReorderDelay = TimeSpan.FromMilliseconds(60),
        Delay = TimeSpan.FromMilliseconds(20),
        Jitter = TimeSpan.FromMilliseconds(10),
    };

    private readonly Random random = new(6665);
    private int accepted;
    private int notified;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 50)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_subscription_lives_and_ends_although_messages_are_lost(int seed)
    {
        Start(seed);
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Repeats = true;
        bob.Repeats = true;
        Server.Network.Conditions = BadNetwork;
        alice.Subscribe(TestCalls.Bob);
        bob.ExpectSubscribe();
        bob.Accept();
        alice.ExpectAccepted();
        for (int version = 0; version < 4; version++)
        {
            string body = $"<state version='{version}'/>";
            bob.Notify(body: body);
            Assert.Equal(body, alice.Await("NOTIFY").Body);
            alice.Reply(200);
            bob.Await(200, "NOTIFY");
        }

        alice.Refresh(0);
        bob.Await("SUBSCRIBE");
        bob.Accept(0);
        alice.ExpectAccepted();
        bob.Notify("terminated;reason=timeout");
        alice.Await("NOTIFY");
        alice.Reply(200);
        bob.Await(200, "NOTIFY");
        Server.Advance(100);
        ExpectNothingLeft();
    }

    [Fact]
    public void A_thousand_subscriptions_with_random_faults_leave_nothing_behind()
    {
        Start("[global]\nevent-loops=2");
        foreach (string user in new[] { "bob", "carol", "dave" })
        {
            for (int device = 0; device < 2; device++)
            {
                NotifyAtRandom(Server.AddPhone(user, device == 1 ? "TCP" : "UDP", registered: true));
            }
        }

        List<TestPhone> watchers = [];
        for (int i = 0; i < 10; i++)
        {
            TestPhone watcher = Server.AddPhone("alice", i % 4 == 0 ? "TCP" : "UDP");
            WatchAtRandom(watcher);
            watchers.Add(watcher);
        }

        Server.Network.Conditions = BadNetwork;
        for (int i = 0; i < 1000; i++)
        {
            string to = new[] { "bob", "carol", "dave", "nobody" }[random.Next(4)];
            TestPhone watcher = watchers[random.Next(watchers.Count)];
            watcher.Subscribe($"sip:{to}@example.org", random.Next(5) * 60);
            Server.Advance(random.NextDouble() * 0.5);
        }

        Server.Network.Conditions = new NetworkConditions();
        Server.Advance(900);
        ExpectNothingLeft();
        Assert.True(accepted > 200 && notified > 200, $"{accepted} accepted, {notified} notified");
    }

    private void NotifyAtRandom(TestPhone phone)
    {
        phone.Repeats = true;
        phone.OnMessage = message =>
        {
            if (!message.IsRequest || random.Next(15) == 0)
            {
                return true; // silent
            }

            Later(2, () => AnswerSubscribe(phone, message));
            return true;
        };
    }

    private void AnswerSubscribe(TestPhone phone, TestMessage subscribe)
    {
        TestDialog dialog = new()
        {
            CallId = subscribe.CallId,
            LocalTag = subscribe.ToTag.Length > 0 ? subscribe.ToTag : phone.NewId("tag-"),
            RemoteTag = subscribe.FromTag,
            LocalAddress = subscribe.Header("To").Split(";tag=")[0],
            RemoteAddress = subscribe.Header("From").Split(";tag=")[0],
            RemoteTarget = subscribe.ContactUri,
            CSeq = subscribe.CSeq * 100,
        };
        int code = new[] { 200, 200, 200, 202, 489, 481, 603, 500 }[random.Next(8)];
        bool notifiesFirst = random.Next(4) == 0;
        if (notifiesFirst)
        {
            NotifyIn(phone, dialog, subscribe);
        }

        phone.Reply(subscribe, code, headers: $"Contact: <{phone.ContactUri}>\r\nExpires: {subscribe.Header("Expires")}", toTag: dialog.LocalTag);
        for (int i = random.Next(4); i > 0 && code < 300; i--)
        {
            Later(30, () => NotifyIn(phone, dialog, subscribe));
        }
    }

    private void NotifyIn(TestPhone phone, TestDialog dialog, TestMessage subscribe)
    {
        phone.Dialog = dialog;
        phone.Notify(subscribe.Header("Expires") == "0" || random.Next(4) == 0 ? "terminated;reason=giveup" : "active;expires=" + random.Next(200));
    }

    private void WatchAtRandom(TestPhone phone)
    {
        phone.Repeats = true;
        phone.OnMessage = message =>
        {
            if (random.Next(15) == 0)
            {
                return true;
            }

            if (message.IsRequest)
            {
                notified++;
                Later(1, () => phone.Reply(message, new[] { 200, 200, 200, 200, 481, 500 }[random.Next(6)]));
            }
            else if (message is { Method: "SUBSCRIBE", Code: < 300 })
            {
                accepted++;
                if (random.Next(2) == 0)
                {
                    Later(40, () => RefreshIn(phone, message));
                }
            }

            return true;
        };
    }

    private void RefreshIn(TestPhone phone, TestMessage accepted)
    {
        phone.Dialog = new TestDialog
        {
            CallId = accepted.CallId,
            LocalTag = accepted.FromTag,
            RemoteTag = accepted.ToTag,
            LocalAddress = accepted.Header("From").Split(";tag=")[0],
            RemoteAddress = accepted.Header("To").Split(";tag=")[0],
            RemoteTarget = accepted.ContactUri,
            CSeq = accepted.CSeq,
        };
        phone.Refresh(random.Next(3) * 60);
    }

    private void Later(int seconds, Action action) => Server.Network.Time.CreateTimer(
        _ => action(), null, TimeSpan.FromMilliseconds(1 + random.Next(seconds * 1000)), Timeout.InfiniteTimeSpan);

    private void ExpectNothingLeft()
    {
        Server.ExpectNoState();
        Assert.DoesNotContain(Server.Log, line => line.StartsWith("Error", StringComparison.Ordinal));
    }
}
