namespace Sip.B2bua.FunctionalTests;

/// <summary>
/// Phones that do anything the RFCs allow, at any moment, on a bad network: in the end both agree on whether there is a call, and what is
/// said in it, and nothing is left of it. A failure prints its seed and what happened.
/// </summary>
public sealed class ModelTests : InMemoryTests
{
    private const int Seeds = 300;
    private const int Lots = 15;

    // Nobody takes an INVITE without an offer.
    private static readonly Lazy<string> OldPhones = new(() =>
    {
        string file = Path.Combine(AppContext.BaseDirectory, "old-phones.conf");
        File.WriteAllText(file, $"[old]\ndomain={TestServer.Domain} 198.51.100.1 198.51.100.2 198.51.100.3 198.51.100.4\nlate-offer=false");
        return file;
    });

    public static TheoryData<int> FirstSeeds => [.. Enumerable.Range(0, Lots).Select(lot => (lot * Seeds / Lots) + 1)];

    [Theory]
    [MemberData(nameof(FirstSeeds))]
    public void Whatever_phones_do_they_agree_in_the_end(int first)
    {
        // SIP_MODEL_SEEDS runs more of them, SIP_MODEL_SEED one.
        int count = int.TryParse(Environment.GetEnvironmentVariable("SIP_MODEL_SEEDS"), out int wanted) ? wanted / Lots : Seeds / Lots;
        List<string> faults = [];
        for (int seed = first; seed < first + count; seed++)
        {
            int played = count > Seeds / Lots ? seed + (first * 10_000) : seed;
            if (Play(played) is { } fault)
            {
                faults.Add(fault);
            }
        }

        Assert.True(faults.Count == 0, $"{faults.Count} seeds failed\n" + string.Join("\n\n", faults.Take(2)));
    }

    // What is wrong in the end, with all that happened; null: nothing.
    private static string? Play(int seed)
    {
        Random random = new(seed);
        List<string> ladder = [];
        bool own = random.Next(4) == 0;
        string settings = (random.Next(3) == 0 ? "session-expires=90\n" : "") + (own ? $"peer-profiles={OldPhones.Value}" : "");
        using TestServer server = TestServer.Start("[b2bua]\n" + settings, seed);
        ModelPhone caller = Add(server, "alice", random, ladder);
        List<ModelPhone> callees = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Add(server, "bob", random, ladder))];
        ModelPhone[] all = [caller, .. callees];
        try
        {
            foreach (ModelPhone phone in all)
            {
                phone.Begin();
            }

            server.Network.Conditions = TestCalls.BadNetwork;
            caller.Call(TestCalls.Bob);
            server.Advance(random.Next(10, 60));
            foreach (ModelPhone phone in all)
            {
                phone.IsTired = true;
            }

            server.Network.Conditions = new NetworkConditions();
            server.Advance(80); // whatever was begun is done, or given up
            ExpectAgreement(caller, callees, own);
            all[random.Next(all.Length)].HangUp();
            server.Advance(1);
            caller.HangUp();
            server.Advance(200);
            Assert.All(all, phone => Assert.False(phone.IsUp, $"{phone.Phone.User} still talks"));
            server.ExpectNoState();
            Assert.DoesNotContain(server.Log, line => line.StartsWith("Error", StringComparison.Ordinal));
            Assert.All(all, phone => phone.Phone.HearsNothingTwice());
            return null;
        }
        catch (Exception fault) when (fault is Xunit.Sdk.XunitException or UnexpectedMessageException or NullReferenceException or InvalidOperationException)
        {
            return $"seed {seed}: {fault.Message}\n{fault.StackTrace?.Split('\n').FirstOrDefault(line => line.Contains("Model", StringComparison.Ordinal))}\n{string.Join("\n", ladder)}\n{string.Join("\n", server.Log)}";
        }
    }

    private static ModelPhone Add(TestServer server, string user, Random random, List<string> ladder) =>
        new(server.AddPhone(user, registered: true), server.Time, random, ladder);

    // Where the server has made the offer, who is on hold by its own wish is not told that it is.
    private static void ExpectAgreement(ModelPhone caller, List<ModelPhone> callees, bool onPlacesOnly)
    {
        List<ModelPhone> up = callees.FindAll(phone => phone.IsUp);
        Assert.True(up.Count == (caller.IsUp ? 1 : 0), $"the caller {(caller.IsUp ? "talks" : "does not talk")}, and {up.Count} callees do");
        if (caller.IsUp)
        {
            Func<string, string[]> read = onPlacesOnly ? HeardSession.MediaLines : sdp => sdp.Split("\r\n")[2..];
            Assert.Equal(read(caller.Local), read(up[0].Remote));
            Assert.Equal(read(caller.Remote), read(up[0].Local));
        }
    }
}
