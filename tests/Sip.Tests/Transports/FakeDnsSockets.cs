using System.Buffers.Binary;
using Sip.B2bua.TestKit;
using Sip.Transports;

namespace Sip.Tests.Transports;

/// <summary>Name servers that a test plays, and a client on a loop under a clock that the test moves.</summary>
internal sealed class FakeDnsSockets : IDnsSockets, IDisposable
{
    public FakeDnsSockets(Func<DnsOptions, DnsOptions>? change = null)
    {
        Loop = new EventLoop(0, new EventLoopOptions { Time = Time, Poller = EventLoopOptions.WithoutSockets() });
        DnsOptions options = new()
        {
            Servers = [new(System.Net.IPAddress.Parse("192.0.2.53"), 53), new(System.Net.IPAddress.Parse("192.0.2.54"), 53)],
            ResolverFile = "/nowhere/resolv.conf",
            HostsFile = "/nowhere/hosts",
        };
        Client = new DnsClient(Loop, change?.Invoke(options) ?? options, this);
    }

    public VirtualTime Time { get; } = new();

    public EventLoop Loop { get; }

    public DnsClient Client { get; }

    /// <summary>Everything asked so far.</summary>
    public List<Exchange> Asked { get; } = [];

    /// <summary>Whether opening a socket to that server fails.</summary>
    public Func<SipAddress, bool> Refuses { get; set; } = _ => false;

    /// <summary>Answers by itself; null leaves the question open.</summary>
    public Func<Exchange, byte[]?>? Answer { get; set; }

    public Exchange Last => Asked[^1];

    public IDnsSocket? Open(in SipAddress server, bool stream, IDnsReceiver receiver)
    {
        if (Refuses(server))
        {
            return null;
        }

        Asked.Add(new Exchange(this, server, stream, receiver));
        return Last;
    }

    public Task<DnsAnswer> Ask(string name, DnsType type)
    {
        Task<DnsAnswer>? task = null;
        Run(() => task = Client.LookUpAsync(name, type).AsTask());
        return task!;
    }

    public DnsAnswer AskNow(string name, DnsType type)
    {
        Task<DnsAnswer> task = Ask(name, type);
        Assert.True(task.IsCompleted);
        return task.GetAwaiter().GetResult();
    }

    public void Run(Action what)
    {
        Loop.Post(_ => what(), null);
        Settle();
    }

    public void Move(int milliseconds)
    {
        Time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        Loop.Turn(0);
        Settle();
    }

    public void Dispose() => Loop.Dispose();

    private void Settle()
    {
        while (!Loop.IsQuiet)
        {
            Loop.Turn(0);
        }
    }

    /// <summary>One message to a name server.</summary>
    internal sealed class Exchange(FakeDnsSockets sockets, SipAddress server, bool stream, IDnsReceiver receiver) : IDnsSocket
    {
        public SipAddress Server => server;

        public bool IsStream => stream;

        public byte[] Question { get; private set; } = [];

        public bool IsClosed { get; private set; }

        public bool IsExtended => Question[11] == 1;

        public int Id => DnsMessage.IdOf(Question);

        public string Name
        {
            get
            {
                int at = 12;
                Assert.True(DnsName.TryRead(Question, ref at, out string name));
                return $"{(DnsType)BinaryPrimitives.ReadUInt16BigEndian(Question.AsSpan(at))} {name}";
            }
        }

        public bool Send(ReadOnlySpan<byte> message)
        {
            Question = message.ToArray();
            if (sockets.Answer?.Invoke(this) is { } reply)
            {
                sockets.Loop.Post(_ => receiver.OnMessage(server, reply), null);
            }

            return true;
        }

        public void Close() => IsClosed = true;

        public void Reply(Func<DnsReplies, DnsReplies>? fill = null, int code = 0, bool truncated = false) =>
            Deliver(server, (fill ?? (r => r))(DnsReplies.To(Question, code, truncated)).ToArray());

        public void Deliver(SipAddress from, byte[] message) => sockets.Run(() => receiver.OnMessage(from, message));

        public void Unreachable() => sockets.Run(receiver.OnUnreachable);
    }
}
