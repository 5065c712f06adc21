using System.Text.RegularExpressions;
using Sip.B2bua.RealTests.Programs;

namespace Sip.B2bua.RealTests.Phones;

/// <summary>
/// A web phone: SIP.js in a headless Chromium, over secure WebSocket. It answers every call at once, and hangs up the one that it has made
/// when it has heard the other for some seconds. What it does it tells its console, which is the only way that leads out of there.
/// </summary>
internal sealed partial class Browser : IAsyncDisposable
{
    private readonly ScratchFolder folder = new("browser");
    private readonly RunningProgram program;

    private Browser(ServerProcess server, Account account, Account? callee)
    {
        string page = Path.Combine(ServerProcess.Checkout, "tests", "Sip.B2bua.RealTests", "Browser", "phone.html");
        if (!Directory.Exists(Path.Combine(Path.GetDirectoryName(page)!, "node_modules")))
        {
            folder.Dispose();
            throw new InvalidOperationException($"SIP.js is missing: test.sh installs it, or npm ci in {Path.GetDirectoryName(page)}");
        }

        string wish = $"server={server.WebSocketUri}&user={account.User}&password={account.Password}&domain={account.Domain}&dial={callee?.User}";
        program = new RunningProgram(
            "chromium",
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", $"--user-data-dir={folder.File("profile")}",
                "--enable-logging=stderr", "--allow-file-access-from-files",

                // The authority of the test is in no store; a microphone that beeps, without asking; peers on this machine.
                "--ignore-certificate-errors", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
                "--allow-loopback-in-peer-connection", $"file://{page}?{wish}",
            ],
            folder.Path,
            new Dictionary<string, string> { ["HOME"] = folder.Path, ["TMPDIR"] = folder.Path });
    }

    /// <summary>Everything that it has told, for a failed test.</summary>
    public string Evidence => program.Output.Tail(20000);

    /// <summary>The SIP messages that it has sent and received.</summary>
    public IReadOnlyList<TracedMessage> Trace =>
        [.. Message().Matches(program.Output.Text).Select(match => new TracedMessage(match.Groups["way"].Value == "Received", match.Groups["text"].Value))];

    /// <summary>Starts one and waits until it is registered; if it is to call somebody, it does so then.</summary>
    public static async Task<Browser> StartAsync(ServerProcess server, Account account, Account? callee = null)
    {
        var browser = new Browser(server, account, callee);
        try
        {
            await browser.SaysAsync("registration is Registered");
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until it tells that.</summary>
    public Task SaysAsync(string what) =>
        Wait.ForAsync(() => program.Output.Has($"\"phone: {what}\""), $"the browser: {what}", () => Evidence, seconds: 40);

    public async ValueTask DisposeAsync()
    {
        await program.DisposeAsync();
        folder.Dispose();
    }

    [GeneratedRegex("\"phone: (?<way>Sending|Received) WebSocket (?:text )?message:\\s+(?<text>.*?)\\s*\", source: ", RegexOptions.Singleline)]
    private static partial Regex Message();
}
