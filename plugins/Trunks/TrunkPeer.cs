using System.Text;
using Microsoft.Extensions.Logging;
using Sip.Headers;
using Sip.Messages;
using Sip.Uris;

namespace Sip.B2bua.Plugins.Trunks;

/// <summary>
/// One server of a trunk: our registration there, and whether it is up. What it does happens on one loop; any loop may ask
/// whether it is of use.
/// </summary>
internal sealed partial class TrunkPeer : ITimerOwner
{
    private const int RegisterDue = 0;
    private const int ProbeDue = 1;

    // RFC 5626 4.5: the pauses between tries of a registration that fails.
    private const int FirstPauseSeconds = 30;
    private const int LongestPauseSeconds = 1800;
    private const int ShortestRefreshSeconds = 5;

    private readonly TrunkSettings settings;
    private readonly IRequestSender sender;
    private readonly EventLoop loop;
    private readonly ILogger log;
    private readonly Target target;
    private readonly Target registrar;
    private readonly string account;
    private readonly OwnRequestRow row = new();
    private readonly LoopTimer registerTimer;
    private readonly LoopTimer probeTimer;
    private readonly TaskCompletionSource ended = new();
    private Task before = Task.CompletedTask;
    private Task registering = Task.CompletedTask;
    private int wanted;
    private int granted;
    private int failures;
    private bool isOver;
    private volatile bool isUp = true;
    private volatile bool isRegistered;

    public TrunkPeer(TrunkSettings settings, string uri, IRequestSender sender, EventLoop loop, ILogger log)
    {
        this.settings = settings;
        this.sender = sender;
        this.loop = loop;
        this.log = log;
        Uri = uri;
        target = new Target(uri) { Peer = settings.Name, Credentials = settings.Credentials };
        (string registrarUri, IReadOnlyList<string> route) = AddressOf("");
        registrar = new Target(registrarUri) { Peer = settings.Name, Credentials = settings.Credentials, Route = route };
        account = $"sip:{(settings.User.Length > 0 ? settings.User + "@" : "")}{settings.Domain}";
        wanted = (int)settings.Expires.TotalSeconds;
        registerTimer = new LoopTimer(this, RegisterDue);
        probeTimer = new LoopTimer(this, ProbeDue);
    }

    /// <summary>The server's URI.</summary>
    public string Uri { get; }

    /// <summary>Whether it has answered when it was asked last.</summary>
    public bool IsUp => isUp;

    /// <summary>Whether we are registered there.</summary>
    public bool IsRegistered => isRegistered;

    /// <summary>Whether calls may be sent there.</summary>
    public bool IsUsable => isUp && (isRegistered || !settings.Register);

    /// <summary>
    /// How a user there is addressed, by way of this server: what the account's domain is called counts, and where the server has another
    /// name than that, it is the first hop (RFC 3261 §8.1.1.1, §16.12.1.1).
    /// </summary>
    /// <param name="user">The user; empty: the domain itself.</param>
    public (string RequestUri, IReadOnlyList<string> Route) AddressOf(string user)
    {
        int scheme = Uri.IndexOf(':', StringComparison.Ordinal) + 1;
        string at = user.Length > 0 ? user + "@" : "";
        return SipUri.TryParse(Encoding.UTF8.GetBytes(Uri), out SipUri parsed) && Ascii.EqualsIgnoreCase(parsed.Host, settings.Domain)
            ? (Uri[..scheme] + at + Uri[scheme..], [])
            : (Uri[..scheme] + at + settings.Domain, [$"<{Uri};lr>"]);
    }

    /// <summary>Whether settings say of a server of the trunk what those of this one say: registrar, account, and how they are kept.</summary>
    public bool Serves(TrunkSettings other, string uri) =>
        uri == Uri && other.User == settings.User && other.Domain == settings.Domain && other.Credentials == settings.Credentials
        && other.Register == settings.Register && other.Expires == settings.Expires && other.KeepAlive == settings.KeepAlive;

    /// <summary>Whether both register the same Contact for one account at one server.</summary>
    public bool HasSameBinding(TrunkPeer other) => other.Uri == Uri && other.account == account;

    /// <summary>Begins to ask, and to register.</summary>
    /// <param name="ended">What is over before it registers.</param>
    public void Start(Task ended)
    {
        before = ended;
        loop.Post(static peer => ((TrunkPeer)peer!).Begin(), this);
    }

    /// <summary>Ends it, and the registration with it; completed when the registrar has answered.</summary>
    public Task StopAsync()
    {
        loop.Post(static peer => ((TrunkPeer)peer!).End(), this);
        return ended.Task;
    }

    /// <inheritdoc/>
    public void OnTimer(LoopTimer timer)
    {
        if (timer.Kind == RegisterDue)
        {
            registering = RegisterAsync();
        }
        else
        {
            Probe();
        }
    }

    private void Begin()
    {
        if (settings.Register)
        {
            registering = RegisterFirstAsync();
        }

        if (settings.KeepAlive > TimeSpan.Zero)
        {
            Probe();
        }
    }

    private async void End()
    {
        if (isOver)
        {
            return;
        }

        isOver = true;
        loop.Timers.Cancel(registerTimer);
        loop.Timers.Cancel(probeTimer);
        try
        {
            await registering; // 10.2: the next waits for the answer to the last
            if (isRegistered)
            {
                isRegistered = false;
                wanted = 0; // 10.2.2
                await SendRegister();
            }
        }
        catch (Exception fault)
        {
            // No exception leaves an async void: the registration ends by itself in time.
            Failed(log, settings.Name, Uri, fault);
        }

        ended.TrySetResult();
    }

    // 10.2: REGISTERs of two Call-IDs for one Contact: what is sent last may be overtaken, so the other's last answer comes first.
    private async Task RegisterFirstAsync()
    {
        await before;
        if (!isOver)
        {
            await RegisterAsync();
        }
    }

    private async Task RegisterAsync()
    {
        try
        {
            granted = wanted;
            int code = await SendRegister();
            if (code == 423 && granted > wanted)
            {
                wanted = granted; // 10.2.8: as long as the registrar wants
                code = await SendRegister();
            }

            OnRegisterAnswered(code);
        }
        catch (Exception fault)
        {
            // Nobody awaits it in time: it is tried again.
            Failed(log, settings.Name, Uri, fault);
            OnRegisterAnswered(500);
        }
    }

    private ValueTask<int> SendRegister() => sender.SendAsync(new OwnRequest
    {
        Method = SipMethod.Register,
        Target = registrar,
        From = account,
        To = account,
        Row = row, // 10.2.4
        ContactUser = settings.User,
        Headers = static (ref SipWriter writer, object? peer) => writer.Header(HeaderId.Expires, ((TrunkPeer)peer!).wanted),
        State = this,
        OnFinal = ReadAnswer,
    });

    private void OnRegisterAnswered(int code)
    {
        if (code is >= 200 and < 300)
        {
            if (!isRegistered)
            {
                Registered(log, settings.Name, Uri, granted);
            }

            isRegistered = true;
            failures = 0;
            Wait(registerTimer, Math.Max(ShortestRefreshSeconds, granted - Math.Max(granted / 10, Math.Min(30, granted / 2))));
            return;
        }

        isRegistered = false;
        int pause = Math.Min(FirstPauseSeconds << Math.Min(failures++, 6), LongestPauseSeconds);
        pause = Random.Shared.Next(pause / 2, pause + 1);
        NotRegistered(log, settings.Name, Uri, code, pause);
        Wait(registerTimer, pause);
    }

    private void Wait(LoopTimer timer, int seconds)
    {
        if (!isOver)
        {
            loop.Timers.Set(timer, seconds * 1000);
        }
    }

    // 10.2.4, 10.3: how long the registration is good for.
    private void ReadAnswer(SipMessage answer)
    {
        if (answer.StatusCode == 423)
        {
            granted = ReadSeconds(answer.First(HeaderId.MinExpires), wanted);
            return;
        }

        int whole = ReadSeconds(answer.First(HeaderId.Expires), wanted);
        int shortest = int.MaxValue;
        foreach (ReadOnlySpan<byte> value in answer.Values(HeaderId.Contact))
        {
            if (NameAddr.TryParse(value, out NameAddr contact) && SipUri.TryParse(contact.Uri, out SipUri uri)
                && uri.User.SequenceEqual(Encoding.UTF8.GetBytes(settings.User)))
            {
                shortest = Math.Min(shortest, contact.Params.TryGet("expires"u8, out ReadOnlySpan<byte> text) ? ReadSeconds(text, whole) : whole);
            }
        }

        granted = shortest == int.MaxValue ? whole : shortest;
    }

    private static int ReadSeconds(ReadOnlySpan<byte> text, int otherwise) =>
        SipChars.TryParseUInt(text, out uint seconds) ? (int)Math.Min(seconds, 86_400) : otherwise;

    private async void Probe()
    {
        try
        {
            int code = await sender.SendAsync(new OwnRequest { Method = SipMethod.Options, Target = target, From = account, To = Uri });

            // Whoever answers at all is there; 503 is a server's word that it is not.
            bool answers = code is not (408 or 503);
            if (answers != isUp)
            {
                isUp = answers;
                Changed(log, settings.Name, Uri, answers ? "up" : "down", code);
            }
        }
        catch (Exception fault)
        {
            // No exception leaves an async void: it is asked again.
            Failed(log, settings.Name, Uri, fault);
        }

        Wait(probeTimer, (int)settings.KeepAlive.TotalSeconds);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "trunk {Trunk}: registered at {Peer} for {Seconds} s")]
    private static partial void Registered(ILogger log, string trunk, string peer, int seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "trunk {Trunk}: not registered at {Peer}, it says {Code}; tried again in {Seconds} s")]
    private static partial void NotRegistered(ILogger log, string trunk, string peer, int code, int seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "trunk {Trunk}: {Peer} is {State} ({Code})")]
    private static partial void Changed(ILogger log, string trunk, string peer, string state, int code);

    [LoggerMessage(Level = LogLevel.Error, Message = "trunk {Trunk}: a request to {Peer} has failed")]
    private static partial void Failed(ILogger log, string trunk, string peer, Exception fault);
}
