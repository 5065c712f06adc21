using System.Text.RegularExpressions;
using Sip.B2bua.RealTests.Programs;
using Sip.B2bua.RealTests.Sound;

namespace Sip.B2bua.RealTests.Phones;

/// <summary>Linphone's console phone (liblinphone 5.1): it wants a terminal, gets one from script(1), and tells what it does in its log.</summary>
internal sealed partial class Linphone : Phone
{
    private readonly ScratchFolder folder = new("linphone");
    private readonly RunningProgram program;
    private readonly string server;
    private readonly string authorityFile;
    private int call;

    private Linphone(ServerProcess server, Account account, PhoneTransport transport, double hertz)
        : base(account, transport, hertz)
    {
        this.server = transport == PhoneTransport.Tls ? server.TlsHostPort : server.HostPort;
        authorityFile = server.AuthorityFile;
        Directory.CreateDirectory(folder.File("home/.local/share/linphone"));
        Wav.OfTone(Hertz, seconds: 60).Write(folder.File("tone.wav"));
        folder.Write("rc", RcText());
        program = new RunningProgram(
            "script",
            ["-qfc", "exec linphonec -c rc -d 6 -l log -S", "/dev/null"],
            folder.Path,
            new Dictionary<string, string> { ["HOME"] = folder.File("home"), ["TMPDIR"] = folder.Path, ["TERM"] = "dumb" });
    }

    public override string Evidence => $"{program.Output.Tail()}\n{(Log.Length <= 20000 ? Log : Log[^20000..])}";

    public override IReadOnlyList<TracedMessage> Trace =>
        [.. Message().Matches(Log).SelectMany(match => TracedMessage.Split(match.Groups["way"].Value == "received", match.Groups["text"].Value))];

    protected override bool SeesIncoming => Saw("LinphoneCallIncomingReceived");

    protected override bool SeesRinging => Saw("LinphoneCallOutgoingRinging");

    protected override bool SeesAnswered => Saw("LinphoneCallStreamsRunning");

    protected override bool SeesEnd => Saw("LinphoneCallReleased");

    // It writes the header when it closes the file; until then its log knows the rate, which is the codec's.
    protected override Wav? Recorded =>
        Wav.TryRead(folder.File("rec.wav"), RecordingRate().Matches(Log).LastOrDefault() is { } match ? int.Parse(match.Groups["rate"].Value) : 8000);

    private string Log
    {
        get
        {
            try
            {
                using var reader = new StreamReader(
                    new FileStream(folder.File("log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
                return reader.ReadToEnd().Replace("\r", "", StringComparison.Ordinal);
            }
            catch (IOException)
            {
                return "";
            }
        }
    }

    /// <summary>Starts a phone and waits until it is registered and has its sound devices.</summary>
    public static async Task<Linphone> StartAsync(ServerProcess server, Account account, PhoneTransport transport, double hertz)
    {
        var phone = new Linphone(server, account, transport, hertz);
        try
        {
            await phone.RegisteredAsync();
            await phone.program.TypeAsync("soundcard use files");
            await phone.program.TypeAsync("play tone.wav");
            await phone.program.TypeAsync("record rec.wav");
            await phone.Until(() => phone.program.Output.Has("instead of soundcard"), "files as sound devices");
            return phone;
        }
        catch
        {
            await phone.DisposeAsync();
            throw;
        }
    }

    public override async Task DialAsync(string uri)
    {
        call = Log.Length;
        await program.TypeAsync("call " + uri);
    }

    public override Task AnswerAsync() => program.TypeAsync("answer");

    public override Task HangUpAsync() => program.TypeAsync("terminate");

    public override Task HoldAsync() => program.TypeAsync("pause");

    public override Task ResumeAsync() => program.TypeAsync("resume");

    /// <summary>Sends the other party of its call somewhere else.</summary>
    public Task TransferAsync(string uri) => program.TypeAsync("transfer " + uri);

    /// <summary>Connects the others of its first two calls.</summary>
    public Task ConnectCallsAsync() => program.TypeAsync("transfer 1 --to-call 2");

    /// <summary>Writes to somebody.</summary>
    public Task WriteAsync(string uri, string text) => program.TypeAsync($"chat {uri} \"{text}\"");

    public override void KillNow() => program.KillNow();

    public override async Task QuitAsync()
    {
        await program.TypeAsync("unregister");
        await Until(() => Log.Contains("[LinphoneRegistrationCleared]", StringComparison.Ordinal), "its unregistration");
        await program.TypeAsync("quit");
        await program.EndedAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await program.DisposeAsync();
        folder.Dispose();
    }

    [GeneratedRegex(
        @"(?:message (?<way>sent) to \[[^\]]*\], size: \[\d+\] bytes|(?<way>received) \[\d+\] new bytes from \[[^\]]*\]:)\n(?<text>.*?)\n(?=\d{4}-\d\d-\d\d )",
        RegexOptions.Singleline)]
    private static partial Regex Message();

    [GeneratedRegex(@"-->MSFileRec:\S+ from rate \[\d+\] to rate \[(?<rate>\d+)\]")]
    private static partial Regex RecordingRate();

    private bool Saw(string state) => Log.IndexOf("to " + state, Math.Min(call, Log.Length), StringComparison.Ordinal) >= 0;

    // It reads no address out of a certificate: the authority is checked, the name is not. It must not register before it listens, so
    // register_only_when_network_is_up keeps its default.
    private string RcText()
    {
        int port = Loopback.NextPorts();
        string proxy = $"sip:{server};transport={Transport.ToString().ToLowerInvariant()}";
        return $"""
            [sip]
            sip_port={(Transport == PhoneTransport.Udp ? port : 0)}
            sip_tcp_port={(Transport == PhoneTransport.Tcp ? port : 0)}
            sip_tls_port={(Transport == PhoneTransport.Tls ? port : 0)}
            root_ca={authorityFile}
            verify_server_cn=0
            default_proxy=0
            guess_hostname=1
            ipv6=0

            [rtp]
            audio_rtp_port={Loopback.NextPorts(2)}

            [sound]
            echocancellation=0

            [proxy_0]
            reg_proxy=<{proxy}>
            reg_route=<{proxy};lr>
            reg_identity=<{Account.Uri}>
            reg_expires=300
            reg_sendregister=1
            publish=0

            [auth_info_0]
            username={Account.User}
            passwd={Account.Password}
            realm={Account.Domain}
            domain={Account.Domain}

            """;
    }
}
