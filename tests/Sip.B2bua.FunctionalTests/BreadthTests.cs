namespace Sip.B2bua.FunctionalTests;

/// <summary>What ends a request that runs in circles or spreads: Max-Forwards, Max-Breadth, and no target that is this server itself.</summary>
public sealed class BreadthTests : InMemoryTests
{
    [Theory]
    [InlineData("", 60)]
    [InlineData("Max-Breadth: 17", 17)]
    [InlineData("Max-Breadth: 600", 60)]
    [InlineData("Max-Breadth: many", 60)]
    public void RFC_5393_5_3_3_a_request_has_one_Max_Breadth_of_60_at_most(string header, int breadth)
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob, headers: header);
        Assert.Equal([$"{breadth}"], bob.Expect("INVITE").Headers("Max-Breadth"));
        alice.AskOutside("MESSAGE", TestCalls.Bob, "hello", header);
        Assert.Equal([$"{breadth}"], bob.Expect("MESSAGE").Headers("Max-Breadth"));
    }

    [Theory]
    [InlineData("INVITE")]
    [InlineData("MESSAGE")]
    public void RFC_5393_5_3_3_a_fork_divides_Max_Breadth_and_gives_out_no_more_than_came_in(string method)
    {
        (TestPhone alice, TestPhone[] bobs) = AliceAndThreeBobs();
        Ask(alice, method, "Max-Breadth: 11");
        Assert.Equal([3, 3, 5], bobs.Select(bob => int.Parse(bob.Expect(method).Header("Max-Breadth"))).Order());
    }

    [Theory]
    [InlineData("INVITE")]
    [InlineData("MESSAGE")]
    public void RFC_5393_5_3_3_a_fork_that_Max_Breadth_does_not_suffice_for_gets_440(string method)
    {
        (TestPhone alice, _) = AliceAndThreeBobs();
        Ask(alice, method, "Max-Breadth: 2");
        Assert.Equal("Max-Breadth Exceeded", alice.Await(440).Reason);
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData("INVITE")]
    [InlineData("MESSAGE")]
    public void RFC_7332_5_Max_Forwards_counts_down_across_the_server(string method)
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.SendRequest(method, maxForwards: 5);
        Assert.Equal("4", bob.Expect(method).Header("Max-Forwards"));
    }

    [Theory]
    [InlineData("sip:carol@loop.test")]
    [InlineData("sip:carol@192.0.2.1")]
    [InlineData("sip:carol@192.0.2.1:5060;transport=tcp")]
    public void A_target_that_leads_back_to_the_server_is_not_called(string target)
    {
        Start($"""
            [module::Router]
            static-targets={target}
            """);
        Server.Network.Dns.Add("A loop.test 192.0.2.1");
        TestPhone alice = Server.AddPhone("alice");
        alice.Invite("sip:carol@example.org");
        alice.Expect(100);
        Assert.Equal("The target leads back to this server", alice.Expect(482).Reason);
        alice.AskOutside("MESSAGE", "sip:carol@example.org", "hello");
        alice.Expect(482);
        Server.ExpectNothingLeft();
    }

    private (TestPhone Alice, TestPhone[] Bobs) AliceAndThreeBobs()
    {
        TestPhone alice = Server.AddPhone("alice");
        return (alice, [.. Enumerable.Range(0, 3).Select(_ => Server.AddPhone("bob", registered: true))]);
    }

    private static void Ask(TestPhone alice, string method, string headers)
    {
        if (method == "INVITE")
        {
            alice.Invite(TestCalls.Bob, headers: headers);
        }
        else
        {
            alice.AskOutside(method, TestCalls.Bob, "hello", headers);
        }
    }
}
