using System.Text.RegularExpressions;
using Sip.B2bua.RealTests.Programs;
using Sip.B2bua.RealTests.Sound;

namespace Sip.B2bua.RealTests.Phones;

/// <summary>The phone baresip 1.0 (libre), without a screen: commands over a control connection, its SIP trace on standard output.</summary>
internal sealed partial class Baresip : Phone
{
    private static readonly string[] ModuleFolders = ["/usr/lib/baresip/modules", "/usr/local/lib/baresip/modules"];
    private readonly ScratchFolder folder = new("baresip");
    private readonly BaresipControl control = new();
    private readonly RunningProgram program;
    private readonly string server;
    private readonly string address;
    private readonly string authorityFile;

    // Two: it takes the port after this one for TLS.
    private readonly int port = Loopback.NextPorts(2);
    private int call;

    private Baresip(ServerProcess server, Account account, PhoneTransport transport, double hertz, string address)
        : base(account, transport, hertz)
    {
        this.server = transport == PhoneTransport.Tls ? server.TlsHostPort : server.HostPort;
        authorityFile = server.AuthorityFile;
        this.address = address;
        ControlPort = Loopback.NextPorts();
        WriteFiles();

        // Its output goes to a pipe, which it would fill before it writes: stdbuf makes it write each line.
        program = new RunningProgram("stdbuf", ["-oL", "baresip", "-4", "-v", "-s", "-f", folder.Path], folder.Path, new Dictionary<string, string> { ["TMPDIR"] = folder.Path });
    }

    public override string Evidence => $"{RateMeter().Replace(program.Output.Tail(30000), "")}\n{control.History}";

    public override IReadOnlyList<TracedMessage> Trace =>
        [.. Message().Matches(program.Output.Text).SelectMany(match => TracedMessage.Split(IsReceived(match.Groups), match.Groups["text"].Value))];

    protected override bool SeesIncoming => Saw("CALL_INCOMING");

    protected override bool SeesRinging => Saw("CALL_RINGING");

    protected override bool SeesAnswered => Saw("CALL_ESTABLISHED");

    protected override bool SeesEnd => Saw("CALL_CLOSED");

    // sndfile writes one file for each direction and call; a name tells the second, so there is one for each call here.
    protected override Wav? Recorded =>
        Directory.GetFiles(folder.Path, "dump-*-dec.wav").Order(StringComparer.Ordinal).LastOrDefault() is { } path ? Wav.TryRead(path) : null;

    private int ControlPort { get; }

    /// <summary>Starts a phone and waits until it is registered and takes commands.</summary>
    public static async Task<Baresip> StartAsync(
        ServerProcess server, Account account, PhoneTransport transport, double hertz, string address = Loopback.Phones)
    {
        var phone = new Baresip(server, account, transport, hertz, address);
        try
        {
            await phone.Until(() => phone.program.HasEnded || phone.control.TryConnect(phone.address, phone.ControlPort), "its control connection");
            await phone.RegisteredAsync();
            return phone;
        }
        catch
        {
            await phone.DisposeAsync();
            throw;
        }
    }

    public override Task DialAsync(string uri) => NewCallAsync("dial", uri);

    public override Task AnswerAsync() => control.SendAsync("accept");

    public override Task HangUpAsync() => control.SendAsync("hangup");

    public override Task HoldAsync() => control.SendAsync("hold");

    public override Task ResumeAsync() => control.SendAsync("resume");

    /// <summary>Sends the other party elsewhere (blind transfer).</summary>
    public Task TransferAsync(string uri) => control.SendAsync("transfer", uri);

    /// <summary>How many re-INVITEs of the other party it has seen.</summary>
    public int OffersSeen => control.Events.Count(type => type == "CALL_REMOTE_SDP");

    public override void KillNow() => program.KillNow();

    // 1.0 has no command to unregister, but does so when it is told to end.
    public override async Task QuitAsync()
    {
        program.Terminate();
        await program.EndedAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        control.Dispose();
        await program.DisposeAsync();
        folder.Dispose();
    }

    [GeneratedRegex(@"\x1b\[36;1m#\n(?:UDP|TCP|TLS) (?<from>\S+) -> (?<to>\S+)\n(?<text>.*?)\x1b\[;m", RegexOptions.Singleline)]
    private static partial Regex Message();

    // Repeated ten times a second in a call.
    [GeneratedRegex(@"\[\d+:\d\d:\d\d\] audio=\S+ \(bit/s\)\s*")]
    private static partial Regex RateMeter();

    private bool IsReceived(GroupCollection line) => line["from"].Value == server || line["to"].Value == $"{address}:{port}";

    private async Task NewCallAsync(string command, string parameters)
    {
        call = control.Events.Count;
        await control.SendAsync(command, parameters);
    }

    private bool Saw(string type) => control.Events.Skip(call).Contains(type);

    private void WriteFiles()
    {
        string transport = Transport.ToString().ToLowerInvariant();
        int media = Loopback.NextPorts(8);
        Wav.OfTone(Hertz, seconds: 60).Write(folder.File("tone.wav"));
        folder.Write(
            "accounts",
            $"<{Account.Uri};transport={transport}>;auth_user={Account.User};auth_pass={Account.Password};" +
            $"outbound=\"sip:{server};transport={transport}\";regint=300;answermode=manual\n");

        // The player and the alert have one device, and all is at 8 kHz: other values stop its main loop at the answer.
        folder.Write("config", $"""
            poll_method epoll
            sip_listen {address}:{port}
            net_interface {address}
            rtp_ports {media}-{media + 7}
            ctrl_tcp_listen {address}:{ControlPort}
            audio_source aufile,{folder.File("tone.wav")}
            audio_player aubridge,play
            audio_alert aubridge,alert
            ausrc_srate 8000
            auplay_srate 8000
            snd_path {folder.Path}
            module_path {ModuleFolders.FirstOrDefault(Directory.Exists) ?? ModuleFolders[0]}
            module g711.so
            module aufile.so
            module aubridge.so
            module sndfile.so
            module_tmp uuid.so
            module_tmp account.so
            module_app menu.so
            module_app ctrl_tcp.so

            """ + (Transport == PhoneTransport.Tls ? $"sip_cafile {authorityFile}\nsip_verify_server yes\n" : ""));
    }
}
