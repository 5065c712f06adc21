using Sip.Transports;

namespace Sip.Tests.Transports;

public sealed class DnsClientTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sip-dns-").FullName;
    private FakeDnsSockets dns = new();

    public void Dispose()
    {
        dns.Dispose();
        Directory.Delete(folder, true);
    }

    [Fact]
    public void An_answer_is_kept_for_its_time_to_live()
    {
        Task<DnsAnswer> first = dns.Ask("a.test", DnsType.A);
        Assert.False(first.IsCompleted);
        dns.Last.Reply(r => r.A("a.test", "192.0.2.1", seconds: 60));
        Assert.Equal("192.0.2.1:0", Assert.Single(Of(first).Records).Address.ToString());

        dns.Move(59_999);
        Assert.Equal(DnsStatus.Found, dns.AskNow("A.TEST.", DnsType.A).Status);
        Assert.Single(dns.Asked);
        dns.Move(1);
        Assert.False(dns.Ask("a.test", DnsType.A).IsCompleted);
        Assert.Equal(2, dns.Asked.Count);
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(2_000_000, 86_400)]
    public void The_time_to_live_is_bounded(int seconds, int kept)
    {
        dns.Ask("a.test", DnsType.A);
        dns.Last.Reply(r => r.A("a.test", "192.0.2.1", seconds));
        dns.Move((kept * 1000) - 1);
        Assert.True(dns.Ask("a.test", DnsType.A).IsCompleted);
        dns.Move(1);
        Assert.False(dns.Ask("a.test", DnsType.A).IsCompleted);
    }

    [Fact]
    public void An_absence_is_kept_as_long_as_its_SOA_says()
    {
        Task<DnsAnswer> first = dns.Ask("a.test", DnsType.A);
        dns.Last.Reply(r => r.Soa("test", 100, 40), code: 3);
        Assert.Equal(DnsStatus.Nothing, Of(first).Status);
        dns.Move(39_999);
        Assert.Equal(DnsStatus.Nothing, dns.AskNow("a.test", DnsType.A).Status);
        dns.Move(1);
        Assert.False(dns.Ask("a.test", DnsType.A).IsCompleted);
    }

    [Fact]
    public void The_cache_is_bounded_and_forgets_what_was_used_longest_ago()
    {
        Renew(o => o with { CacheSize = 3 });
        dns.Answer = e => DnsReplies.To(e.Question).A(e.Name[2..], "192.0.2.1").ToArray();
        foreach (string name in (string[])["a.test", "b.test", "c.test", "a.test", "d.test"])
        {
            dns.Ask(name, DnsType.A);
        }

        Assert.Equal(4, dns.Asked.Count);
        Assert.Equal(3, dns.Client.Cache.Count);
        dns.Ask("a.test", DnsType.A);
        Assert.Equal(4, dns.Asked.Count);
        dns.Ask("b.test", DnsType.A);
        Assert.Equal(5, dns.Asked.Count);
    }

    [Fact]
    public void Equal_questions_at_the_same_time_are_asked_once()
    {
        Task<DnsAnswer>[] tasks = [.. Enumerable.Range(0, 20).Select(_ => dns.Ask("a.test", DnsType.A))];
        Assert.Single(dns.Asked);
        dns.Last.Reply(r => r.A("a.test", "192.0.2.1"));
        Assert.All(tasks, task => Assert.Equal(DnsStatus.Found, Of(task).Status));
    }

    [Fact]
    public void Open_questions_are_bounded()
    {
        Renew(o => o with { MaxQuestions = 2 });
        dns.Ask("a.test", DnsType.A);
        dns.Ask("b.test", DnsType.A);
        Assert.Equal(DnsStatus.Failed, dns.AskNow("c.test", DnsType.A).Status);
        Assert.Equal(2, dns.Asked.Count);
    }

    [Fact]
    public void A_silent_server_is_followed_by_the_next_and_the_round_is_repeated()
    {
        Task<DnsAnswer> task = dns.Ask("a.test", DnsType.A);
        for (int i = 0; i < 4; i++)
        {
            Assert.False(task.IsCompleted);
            dns.Move(2000);
        }

        Assert.Equal(DnsStatus.Failed, Of(task).Status);
        Assert.Equal(["192.0.2.53:53", "192.0.2.54:53", "192.0.2.53:53", "192.0.2.54:53"], dns.Asked.Select(e => e.Server.ToString()));
        Assert.All(dns.Asked, e => Assert.True(e.IsClosed));

        // The failure is remembered for a moment, so that a dead name server does not hold up every call.
        Assert.Equal(DnsStatus.Failed, dns.AskNow("a.test", DnsType.A).Status);
        dns.Move(5000);
        Assert.False(dns.Ask("a.test", DnsType.A).IsCompleted);
    }

    [Fact]
    public void The_second_server_answers_for_the_first()
    {
        Task<DnsAnswer> task = dns.Ask("a.test", DnsType.A);
        dns.Move(2000);
        dns.Last.Reply(r => r.A("a.test", "192.0.2.1"));
        Assert.Equal(DnsStatus.Found, Of(task).Status);
        Assert.Equal(2, dns.Asked.Count);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void A_server_that_refuses_or_fails_is_followed_by_the_next_at_once(int code)
    {
        Task<DnsAnswer> task = dns.Ask("a.test", DnsType.A);
        dns.Last.Reply(code: code);
        Assert.Equal("192.0.2.54:53", dns.Last.Server.ToString());
        dns.Last.Reply(r => r.A("a.test", "192.0.2.1"));
        Assert.Equal(DnsStatus.Found, Of(task).Status);
    }

    [Fact]
    public void An_unreachable_server_is_followed_by_the_next_at_once()
    {
        Task<DnsAnswer> task = dns.Ask("a.test", DnsType.A);
        dns.Last.Unreachable();
        Assert.Equal("192.0.2.54:53", dns.Last.Server.ToString());
        dns.Last.Reply();
        Assert.Equal(DnsStatus.Nothing, Of(task).Status);
    }

    [Fact]
    public void Where_no_socket_can_be_opened_the_lookup_fails_at_once()
    {
        dns.Refuses = _ => true;
        Assert.Equal(DnsStatus.Failed, dns.AskNow("a.test", DnsType.A).Status);
    }

    [Fact]
    public void A_truncated_answer_is_asked_for_again_by_TCP()
    {
        Task<DnsAnswer> task = dns.Ask("a.test", DnsType.A);
        dns.Last.Reply(truncated: true);
        Assert.True(dns.Last.IsStream);
        Assert.Equal("192.0.2.53:53", dns.Last.Server.ToString());
        dns.Last.Reply(r => r.A("a.test", "192.0.2.1"));
        Assert.Equal(DnsStatus.Found, Of(task).Status);
        Assert.Equal(2, dns.Asked.Count);
    }

    [Fact]
    public void A_server_that_does_not_know_the_extension_is_asked_without()
    {
        Task<DnsAnswer> task = dns.Ask("a.test", DnsType.A);
        Assert.True(dns.Last.IsExtended);
        dns.Last.Reply(code: 1);
        Assert.False(dns.Last.IsExtended);
        Assert.Equal("192.0.2.53:53", dns.Last.Server.ToString());
        dns.Last.Reply(r => r.A("a.test", "192.0.2.1"));
        Assert.Equal(DnsStatus.Found, Of(task).Status);
    }

    [Fact]
    public void A_spoofed_answer_is_not_there_and_the_true_one_still_counts()
    {
        Task<DnsAnswer> task = dns.Ask("a.test", DnsType.A);
        FakeDnsSockets.Exchange asked = dns.Last;
        byte[] lie = DnsReplies.To(asked.Question).A("a.test", "203.0.113.66").ToArray();
        asked.Deliver(SipAddress.From(System.Net.IPEndPoint.Parse("203.0.113.66:53")), lie); // from elsewhere
        asked.Deliver(asked.Server.WithPort(5353), lie);
        asked.Deliver(asked.Server, new DnsReplies(asked.Id ^ 1, "a.test", DnsType.A).A("a.test", "203.0.113.66").ToArray()); // another id
        asked.Deliver(asked.Server, new DnsReplies(asked.Id, "b.test", DnsType.A).A("a.test", "203.0.113.66").ToArray()); // another question
        asked.Deliver(asked.Server, new DnsReplies(asked.Id, "a.test", DnsType.Aaaa).A("a.test", "203.0.113.66").ToArray());
        asked.Deliver(asked.Server, asked.Question); // the question itself
        asked.Deliver(asked.Server, lie[..^1]); // not whole
        asked.Deliver(asked.Server, []);
        Assert.False(task.IsCompleted);
        Assert.Single(dns.Asked);
        asked.Reply(r => r.A("a.test", "192.0.2.1").A("www.bank.test", "203.0.113.66"));
        Assert.Equal("192.0.2.1:0", Assert.Single(Of(task).Records).Address.ToString());

        // What an answer says about other names is not believed.
        Assert.False(dns.Ask("www.bank.test", DnsType.A).IsCompleted);
    }

    [Fact]
    public void Ids_are_not_in_a_row()
    {
        for (int i = 0; i < 50; i++)
        {
            dns.Ask($"a{i}.test", DnsType.A);
        }

        int[] ids = [.. dns.Asked.Select(e => e.Id)];
        Assert.InRange(ids.Distinct().Count(), 45, 50);
        Assert.InRange(ids.Zip(ids.Skip(1), (a, b) => b - a).Distinct().Count(), 40, 49);
    }

    [Fact]
    public void An_alias_without_its_end_is_asked_for_again()
    {
        Task<DnsAnswer> task = dns.Ask("a.test", DnsType.A);
        dns.Last.Reply(r => r.Cname("a.test", "b.test"));
        Assert.Equal("A b.test", dns.Last.Name);
        dns.Last.Reply(r => r.A("b.test", "192.0.2.1"));
        Assert.Equal("192.0.2.1:0", Assert.Single(Of(task).Records).Address.ToString());
    }

    [Fact]
    public void Aliases_of_aliases_end()
    {
        dns.Answer = e => DnsReplies.To(e.Question).Cname(e.Name[2..], "x" + e.Name[2..]).ToArray();
        Assert.Equal(DnsStatus.Failed, dns.AskNow("a.test", DnsType.A).Status);
        Assert.InRange(dns.Asked.Count, 2, 10);
    }

    [Fact]
    public void A_name_of_the_hosts_file_is_not_asked_for_and_the_file_is_read_again()
    {
        string hosts = Write("hosts", "# ours\n192.0.2.9  pbx.test pbx # the old one\n2001:db8::9 pbx\n");
        Renew(o => o with { HostsFile = hosts });
        Assert.Equal("192.0.2.9:0", Assert.Single(dns.AskNow("PBX.test", DnsType.A).Records).Address.ToString());
        Assert.Equal("[2001:db8::9]:0", Assert.Single(dns.AskNow("pbx", DnsType.Aaaa).Records).Address.ToString());
        Assert.Equal(DnsStatus.Nothing, dns.AskNow("pbx.test", DnsType.Aaaa).Status);
        Assert.True(dns.Client.IsLocalHost("pbx"));
        Assert.Empty(dns.Asked);

        Write("hosts", "192.0.2.10 pbx.test other\n");
        dns.Move(5000);
        Assert.Equal("192.0.2.10:0", Assert.Single(dns.AskNow("pbx.test", DnsType.A).Records).Address.ToString());
        Assert.False(dns.Client.IsLocalHost("pbx"));
    }

    [Fact]
    public void Localhost_is_this_machine()
    {
        // RFC 6761 6.3.
        Assert.Equal("127.0.0.1:0", Assert.Single(dns.AskNow("localhost", DnsType.A).Records).Address.ToString());
        Assert.Empty(dns.Asked);
    }

    [Fact]
    public void The_servers_and_domains_of_the_resolver_file_are_used()
    {
        Renew(o => o with { Servers = [], ResolverFile = Write("resolv.conf", "nameserver 192.0.2.99\nnameserver bad\nsearch one.test two.test\noptions ndots:1\n") });
        dns.Answer = e => e.Name == "A pbx.two.test" ? DnsReplies.To(e.Question).A("pbx.two.test", "192.0.2.1").ToArray() : DnsReplies.To(e.Question, code: 3).ToArray();
        Assert.Equal(DnsStatus.Found, dns.AskNow("pbx", DnsType.A).Status);
        Assert.Equal(["A pbx.one.test", "A pbx.two.test"], dns.Asked.Select(e => e.Name));
        Assert.Equal("192.0.2.99:53", dns.Last.Server.ToString());

        // A name with a dot, or with a last one, is asked for as it is.
        dns.Asked.Clear();
        dns.Ask("pbx.test", DnsType.A);
        dns.Ask("tv.", DnsType.A);
        dns.Ask("_sip._udp.tel", DnsType.Srv);
        Assert.Equal(["A pbx.test", "A tv", "Srv _sip._udp.tel.one.test", "Srv _sip._udp.tel.two.test", "Srv _sip._udp.tel"], dns.Asked.Select(e => e.Name));
    }

    [Fact]
    public void Ndots_of_nought_asks_for_a_word_as_it_is_first()
    {
        Renew(o => o with { Servers = [], ResolverFile = Write("resolv.conf", "nameserver 192.0.2.99\nsearch one.test\noptions ndots:0\n") });
        dns.Answer = e => DnsReplies.To(e.Question, code: 3).ToArray();
        dns.AskNow("pbx", DnsType.A);
        Assert.Equal(["A pbx", "A pbx.one.test"], dns.Asked.Select(e => e.Name));
    }

    [Fact]
    public void Without_any_server_the_one_on_this_machine_is_asked()
    {
        Renew(o => o with { Servers = [] });
        dns.Ask("a.test", DnsType.A);
        Assert.Equal("127.0.0.1:53", dns.Last.Server.ToString());
    }

    [Fact]
    public void What_is_no_name_is_not_asked_for()
    {
        Assert.Equal(DnsStatus.Nothing, dns.AskNow("a b", DnsType.A).Status);
        Assert.Empty(dns.Asked);
    }

    private static DnsAnswer Of(Task<DnsAnswer> task)
    {
        Assert.True(task.IsCompleted);
        return task.GetAwaiter().GetResult();
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private void Renew(Func<DnsOptions, DnsOptions> change)
    {
        dns.Dispose();
        dns = new FakeDnsSockets(change);
    }
}
