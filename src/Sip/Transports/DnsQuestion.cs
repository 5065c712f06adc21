using System.Security.Cryptography;

namespace Sip.Transports;

/// <summary>
/// One question on its way: to one name server after the other until one answers. Each message has an id and a port of its own, and
/// an answer counts only if it comes from the server asked, with that id and that question (RFC 5452 9.1). Anything else is not
/// there: the true answer may still come.
/// </summary>
internal sealed class DnsQuestion : IDnsReceiver, ITimerOwner
{
    private readonly DnsClient client;
    private readonly SipAddress[] servers;
    private readonly TaskCompletionSource<DnsAnswer> answer = new();
    private readonly LoopTimer timer;
    private IDnsSocket? socket;
    private SipAddress server;
    private int attempt;
    private int id;
    private bool stream;
    private bool extended = true;

    public DnsQuestion(DnsClient client, string name, DnsType type, SipAddress[] servers)
    {
        this.client = client;
        this.servers = servers;
        Name = name;
        Type = type;
        timer = new LoopTimer(this, 0);
    }

    /// <summary>The name asked for.</summary>
    public string Name { get; }

    /// <summary>The type asked for.</summary>
    public DnsType Type { get; }

    /// <summary>Completes with the answer, on the loop.</summary>
    public Task<DnsAnswer> Answer => answer.Task;

    /// <summary>Asks the first name server.</summary>
    public void Start() => Ask();

    /// <inheritdoc/>
    public void OnMessage(in SipAddress from, ReadOnlySpan<byte> message)
    {
        if (from != server || DnsMessage.IdOf(message) != id || !DnsMessage.TryRead(message, out DnsReply reply))
        {
            return;
        }

        if (reply.Code is DnsReply.FormatError or DnsReply.NotImplemented && extended)
        {
            // RFC 6891 7: a server that does not know the extension is asked without it. It need not repeat the question.
            extended = false;
            Ask();
        }
        else if (reply.Name != Name || reply.Type != Type)
        {
            // Not what was asked: as if it had not come.
        }
        else if (reply.IsTruncated && !stream)
        {
            // RFC 7766 5: what has no room in a datagram is asked for by TCP.
            stream = true;
            Ask();
        }
        else if (reply.Code is DnsReply.Ok or DnsReply.NoSuchName && !reply.IsTruncated)
        {
            End(reply.ToAnswer());
        }
        else
        {
            AskNext();
        }
    }

    /// <inheritdoc/>
    public void OnUnreachable() => AskNext();

    /// <inheritdoc/>
    public void OnTimer(LoopTimer due) => AskNext();

    private void AskNext()
    {
        attempt++;
        stream = false;
        Ask();
    }

    private void Ask()
    {
        Release();
        Span<byte> message = stackalloc byte[DnsMessage.MaxQuery];
        for (; attempt < servers.Length * client.Options.Attempts; attempt++)
        {
            server = servers[attempt % servers.Length];
            id = RandomNumberGenerator.GetInt32(0x10000);
            int length = DnsMessage.WriteQuery(message, (ushort)id, Name, Type, extended);
            socket = client.Sockets.Open(server, stream, this);
            if (socket is not null && socket.Send(message[..length]))
            {
                client.Loop.Timers.Set(timer, client.Options.TimeoutMilliseconds);
                return;
            }

            Release();
            stream = false;
        }

        End(DnsAnswer.Failed);
    }

    private void End(DnsAnswer result)
    {
        Release();
        client.Answered(this, result);
        answer.SetResult(result);
    }

    private void Release()
    {
        client.Loop.Timers.Cancel(timer);
        socket?.Close();
        socket = null;
    }
}
