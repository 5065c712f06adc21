namespace Sip.B2bua.FunctionalTests;

/// <summary>Whatever the phones do, nothing of any call is left in the end.</summary>
public sealed class LeakTests : InMemoryTests
{
    private const int Calls = 2000;

    private readonly Random random = new(20261122);
    private readonly List<TestPhone> callers = [];
    private readonly List<(TestPhone Phone, TestDialog Dialog)> calls = [];
    private int answered;
    private int transfers;

    [Theory]
    [InlineData("")]
    [InlineData("[module::Router]\nfork-late=true\nfork-no-global-decline=true\ncall-fork-urgent-timeout=2\nvoicemail-server=sip:dave@example.org")]
    public void Thousands_of_calls_with_random_faults_leave_nothing_behind(string settings)
    {
        bool late = settings.Length > 0;
        int count = late ? Calls / 2 : Calls;
        Start("[global]\nevent-loops=2\n[b2bua]\nring-timeout=30\n" + settings);
        foreach (string user in new[] { "bob", "carol", "dave" })
        {
            for (int device = 0; device < 2; device++)
            {
                Behave(Server.AddPhone(user, device == 1 && user == "carol" ? "TCP" : "UDP", registered: true));
            }
        }

        for (int i = 0; i < 20; i++)
        {
            TestPhone caller = Server.AddPhone("alice", i % 4 == 0 ? "TCP" : "UDP");
            Behave(caller);
            callers.Add(caller);
        }

        Server.Network.Conditions = new NetworkConditions
        {
            Loss = 0.05,
            Duplicate = 0.05,
            Reorder = 0.1,
            Delay = TimeSpan.FromMilliseconds(10),
            Jitter = TimeSpan.FromMilliseconds(30),
        };
        for (int i = 0; i < count; i++)
        {
            string to = random.Next(4) switch { 0 => "bob", 1 => "carol", 2 => "dave", _ => "nobody" };
            callers[random.Next(callers.Count)].Invite($"sip:{to}@example.org", random.Next(5) == 0 ? "" : null);
            Server.Advance(random.NextDouble() * 0.2);
            if (late && i % 20 == 0)
            {
                // It comes while calls ring, and its connection goes now and then.
                TestPhone phone = Server.AddPhone(to == "nobody" ? "bob" : to, i % 40 == 0 ? "TCP" : "UDP");
                Behave(phone);
                phone.SendRegister(expires: 60, parameters: ";q=0." + random.Next(10));
                Server.Advance(0.2);
                if (i % 80 == 0)
                {
                    phone.Connection!.Close();
                }
            }
        }

        Server.Network.Conditions = new NetworkConditions();
        Server.Advance(900);
        Assert.True(!Server.Log.Any(IsError), string.Join("\n", Server.Log.Where(IsError)));
        Server.ExpectNoState();
        Assert.InRange(answered, count / 10, count);
        Assert.InRange(transfers, 20, count);
    }

    private static bool IsError(string line) => line.StartsWith("Error", StringComparison.Ordinal);

    // A phone that does the right thing mostly, the wrong thing often, and nothing now and then.
    private void Behave(TestPhone phone)
    {
        phone.Repeats = true;
        phone.OnMessage = message =>
        {
            if (random.Next(20) == 0)
            {
                return true; // silent
            }

            Server.Network.Time.CreateTimer(_ => React(phone, message), null, TimeSpan.FromMilliseconds(1 + random.Next(3000)), Timeout.InfiniteTimeSpan);
            return true;
        };
    }

    private void React(TestPhone phone, TestMessage message)
    {
        if (message.IsRequest)
        {
            Answer(phone, message);
        }
        else if (message.Method == "INVITE")
        {
            phone.Open(message);
            Follow(phone, message);
        }
    }

    private void Answer(TestPhone phone, TestMessage request)
    {
        switch (request.Method)
        {
            case "INVITE" when request.ToTag.Length > 0:
                phone.Reply(request, random.Next(4) == 0 ? 488 : 200, TestSdp.Audio(5000));
                break;
            case "INVITE":
                int code = new[] { 180, 183, 200, 200, 200, 486, 404, 603, 302, 500 }[random.Next(10)];
                phone.Reply(request, code, code is 183 or 200 ? TestSdp.Audio(5000) : "",
                    code == 302 ? $"Contact: <sip:{new[] { "bob", "carol", "dave", "nobody" }[random.Next(4)]}@example.org>" : "");
                if (code == 200)
                {
                    phone.Open(request);
                    HangUpLater(phone, 60); // a transfer leaves calls of two callees, who must not talk for ever
                }

                if (code < 200)
                {
                    Server.Network.Time.CreateTimer(_ => Answer(phone, request), null, TimeSpan.FromSeconds(random.Next(40)), Timeout.InfiniteTimeSpan);
                }

                break;
            case "CANCEL":
                phone.Reply(request, 200);
                if (random.Next(10) != 0)
                {
                    phone.Reply(TestMessage.Read(request.Text.Replace("CANCEL", "INVITE", StringComparison.Ordinal)), 487);
                }

                break;
            case "ACK":
                if (random.Next(3) == 0)
                {
                    phone.Open(request);
                    InCall(phone);
                }

                break;
            default:
                phone.Reply(request, random.Next(10) == 0 ? 481 : 200);
                break;
        }
    }

    private void Follow(TestPhone phone, TestMessage response)
    {
        switch (response.Code)
        {
            case < 200:
                if (random.Next(5) == 0)
                {
                    phone.Cancel();
                }

                break;
            case < 300:
                answered++;
                if (random.Next(20) != 0)
                {
                    phone.Ack(phone.Dialog.SentInvite!.Body.Length == 0 ? TestSdp.Audio() : "");
                }

                InCall(phone);
                break;
            default:
                break;
        }
    }

    // To anybody, perhaps to the other end of some other call, which may be over by now.
    private void Transfer(TestPhone phone)
    {
        string to = random.Next(4) switch { 0 => "bob", 1 => "carol", 2 => "dave", _ => "nobody" };
        (TestPhone other, TestDialog replaced) = calls[^random.Next(1, Math.Min(calls.Count, 40) + 1)];
        string replaces = $"{replaced.CallId};to-tag={replaced.RemoteTag};from-tag={replaced.LocalTag}";
        switch (random.Next(4))
        {
            case 0:
                callers[random.Next(callers.Count)].Invite($"sip:{other.User}@example.org", headers: "Replaces: " + replaces);
                break;
            case 1:
                phone.Ask("REFER", headers: $"Refer-To: <sip:{to}@example.org?Replaces={Uri.EscapeDataString(replaces)}>");
                break;
            default:
                phone.Ask("REFER", headers: $"Refer-To: <sip:{to}@example.org>");
                transfers++;
                break;
        }
    }

    private void InCall(TestPhone phone)
    {
        calls.Add((phone, phone.Dialog));
        switch (random.Next(7))
        {
            case 0:
                phone.Reinvite(random.Next(3) == 0 ? "" : TestSdp.Audio(version: 2));
                break;
            case 1:
                phone.Ask("INFO");
                break;
            case 2:
                phone.Ask("UPDATE", TestSdp.Audio(version: 2));
                break;
            case 3:
                Transfer(phone);
                break;
            default:
                break;
        }

        HangUpLater(phone, 20);
    }

    private void HangUpLater(TestPhone phone, int seconds)
    {
        TestDialog dialog = phone.Dialog;
        Server.Network.Time.CreateTimer(
            _ =>
            {
                phone.Dialog = dialog;
                phone.Bye();
            },
            null, TimeSpan.FromSeconds(random.Next(seconds)), Timeout.InfiniteTimeSpan);
    }
}
