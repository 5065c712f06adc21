using System.Text.RegularExpressions;
using Sip.B2bua.Plugins.MediaRelay;

namespace Sip.B2bua.FunctionalTests;

/// <summary>
/// Phones that do anything the RFCs allow, at any moment, on a bad network: in the end all agree on who talks to whom, and what is
/// said in it, and nothing is left of it. A failure prints its seed and what happened.
/// </summary>
public sealed partial class ModelTests
{
    private const int Lot = 20;
    private const string Relay = "127.39.3.1";

    // Nobody takes an INVITE without an offer.
    private static readonly Lazy<string> OldPhones = new(() =>
    {
        string file = Path.Combine(AppContext.BaseDirectory, "old-phones.conf");
        File.WriteAllText(file, $"[old]\ndomain={TestServer.Domain} {string.Join(' ', Enumerable.Range(1, 8).Select(number => $"198.51.100.{number}"))}\nlate-offer=false");
        return file;
    });

    private static string played = "";
    private int transferred;

    public static TheoryData<int> ManyLots => [.. Enumerable.Range(0, 10)];

    public static TheoryData<int> FewLots => [.. Enumerable.Range(0, 3)];

    [Theory]
    [MemberData(nameof(ManyLots))]
    public void Whatever_phones_do_they_agree_in_the_end(int lot) => PlayAll(lot, PlayOneCall);

    [Theory]
    [MemberData(nameof(FewLots))]
    public void Whatever_phones_do_they_hear_each_other_through_the_relay(int lot) => PlayAll(lot, seed => PlayOneCall(seed, relayed: true));

    [Theory]
    [MemberData(nameof(ManyLots))]
    public void Whoever_is_sent_to_whom_all_agree_in_the_end(int lot)
    {
        PlayAll(lot, seed => PlayTransfers(seed, relayed: false));
        Assert.NotEqual(0, transferred);
    }

    [Theory]
    [MemberData(nameof(FewLots))]
    public void Whoever_is_sent_to_whom_they_hear_each_other_through_the_relay(int lot) => PlayAll(lot, seed => PlayTransfers(seed, relayed: true));

    // What a seed has found can be looked into.
    [Fact]
    public void A_seed_plays_the_same_way_again()
    {
        for (int seed = 1; seed <= 20; seed++)
        {
            PlayTransfers(seed, relayed: false);
            string before = played;
            PlayTransfers(seed, relayed: false);
            Assert.NotEmpty(before);
            Assert.Equal(before, played);
        }
    }

    // SIP_MODEL_SEEDS plays so many in each lot, SIP_MODEL_FIRST the first of them.
    private static void PlayAll(int lot, Func<int, string?> play)
    {
        int count = Number("SIP_MODEL_SEEDS", Lot);
        int first = (lot * count) + Number("SIP_MODEL_FIRST", 1);
        string[] faults = [.. Enumerable.Range(first, count).Select(play).OfType<string>()];
        Assert.True(faults.Length == 0, $"{faults.Length} seeds failed\n" + string.Join("\n\n", faults.Take(2)));
    }

    private static int Number(string variable, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(variable), out int number) ? number : otherwise;

    private static string? PlayOneCall(int seed) => PlayOneCall(seed, relayed: false);

    private static string? PlayOneCall(int seed, bool relayed)
    {
        Random random = new(seed);
        bool own = random.Next(4) == 0;
        bool refreshes = random.Next(3) == 0; // a phone that answers ours with fewer formats changes nothing for the other, which is not told
        string settings = (refreshes ? "session-expires=90\n" : "") + (own ? $"peer-profiles={OldPhones.Value}" : "");
        using TestServer server = StartServer("[b2bua]\n" + settings, seed, relayed);
        ModelWorld world = new(server, random);
        ModelPhone caller = world.Add("alice");
        for (int callees = random.Next(1, 4); callees > 0; callees--)
        {
            world.Add("bob");
        }

        return Play(seed, server, world, isExact: !relayed && !own && !refreshes, () => caller.Call(TestCalls.Bob));
    }

    // Calls among four phones and more, some of which become one.
    private string? PlayTransfers(int seed, bool relayed)
    {
        Random random = new(seed);
        bool own = random.Next(6) == 0;
        string rule = random.Next(8) switch { 0 => "refuse", 1 or 2 => "pass", _ => "server" };
        string settings = $"[global]\nevent-loops={random.Next(1, 3)}\n[b2bua]\ntransfer={rule}\n" + (random.Next(3) == 0 ? "session-expires=90\n" : "") + (own ? $"peer-profiles={OldPhones.Value}" : "");
        using TestServer server = StartServer(settings, seed, relayed);
        ModelWorld world = new(server, random) { HasTransfers = true, HasOwnOffers = own };
        foreach (string user in new[] { "alice", "bob", "carol", "dave" })
        {
            world.Add(user);
        }

        if (random.Next(2) == 0)
        {
            world.Add("bob");
        }

        string? fault = Play(seed, server, world, isExact: false, () =>
        {
            for (int calls = random.Next(2, 4); calls > 0; calls--)
            {
                ModelPhone caller = world.Phones[random.Next(world.Phones.Count)];
                world.After(random.Next(1, 10_000), () => caller.Call($"sip:{world.SomeUser()}@{TestServer.Domain}"));
            }

            for (int taken = random.Next(3); taken > 0; taken--)
            {
                world.After(random.Next(1000, 30_000), world.Phones[random.Next(world.Phones.Count)].TakeOver);
            }
        });
        transferred += world.Transferred;
        return fault;
    }

    private static TestServer StartServer(string configuration, int seed, bool relayed) => relayed
        ? TestServer.StartAt(Relay, configuration, seed, typeof(MediaRelayModule))
        : TestServer.Start(configuration, seed);

    // What is wrong in the end, with all that happened; null: nothing.
    private static string? Play(int seed, TestServer server, ModelWorld world, bool isExact, Action begin)
    {
        try
        {
            foreach (ModelPhone phone in world.Phones)
            {
                phone.Begin();
            }

            server.Network.Conditions = TestCalls.BadNetwork;
            begin();
            server.Advance(world.Random.Next(10, 60));
            world.IsTired = true;
            server.Network.Conditions = new NetworkConditions();
            server.Advance(80); // whatever was begun is done, or given up
            RelayEngine? relay = server.Find<MediaRelayModule>()?.Engine;
            List<(ModelCall One, ModelCall Other)> pairs = new ModelAgreement(world, relay).Expect();
            End(server, world, pairs, isExact);
            Assert.True(relay is null || SpinWait.SpinUntil(() => relay.Ports.InUse == 0, 5000), $"{relay?.Ports.InUse} ports are still taken");
            return null;
        }
        catch (Exception fault) when (fault is Xunit.Sdk.XunitException or UnexpectedMessageException or NullReferenceException or InvalidOperationException)
        {
            return $"seed {seed}: {fault.Message}\n{fault.StackTrace?.Split('\n').FirstOrDefault(line => line.Contains("Model", StringComparison.Ordinal))}\n{string.Join("\n", world.Ladder)}\n{string.Join("\n", server.Log)}";
        }
        finally
        {
            played = OwnIds().Replace(string.Join("\n", world.Ladder), "ours");
        }
    }

    // Of each two that talk one hangs up.
    private static void End(TestServer server, ModelWorld world, List<(ModelCall One, ModelCall Other)> pairs, bool isExact)
    {
        foreach ((ModelCall one, ModelCall other) in pairs)
        {
            if (isExact)
            {
                Assert.Equal(one.Local.Split("\r\n")[2..], other.Remote.Split("\r\n")[2..]);
                Assert.Equal(one.Remote.Split("\r\n")[2..], other.Local.Split("\r\n")[2..]);
            }

            (world.Random.Next(2) == 0 ? one : other).HangUp();
        }

        server.Advance(200);
        Assert.All(world.Calls, call => Assert.False(call.IsUp, $"{call} still talks"));
        server.ExpectNoState();
        Assert.DoesNotContain(server.Log, line => line.StartsWith("Error", StringComparison.Ordinal));
        Assert.All(world.Phones, phone => phone.Phone.HearsNothingTwice());
    }

    // The server's tags and Call-IDs are not of the seed's making.
    [GeneratedRegex("[0-9a-f]{26,}")]
    private static partial Regex OwnIds();
}
