using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Sip.B2bua.Plugins.MediaRelay;

// The media relay by itself, as bench/run-rtp.sh starts it: sets up the calls through offer and answer, writes their ports
// to the file it was told, and relays until it is killed.
int calls = int.Parse(Variable("BENCH_CALLS"), CultureInfo.InvariantCulture);
string aPort = Variable("BENCH_APORT");
string bPort = Variable("BENCH_BPORT");
string file = Variable("BENCH_CALLS_FILE");

using RelayEngine engine = new(
    new MediaRelayOptions { Threads = int.Parse(args.FirstOrDefault() ?? "1", CultureInfo.InvariantCulture) },
    TimeProvider.System,
    NullLogger.Instance);
engine.Start();
RelayParty party = new(IPAddress.Loopback, IPAddress.Loopback, null);
StringBuilder list = new();
for (int i = 0; i < calls; i++)
{
    RelaySession session = engine.TryOpen(party)!;
    RelayLeg back = session.AddBranch(party);
    if (session.Offer(session.Front, back, Sdp(aPort), new ArrayBufferWriter<byte>()) != RelayOutcome.Relayed
        || session.Answer(back, session.Front, Sdp(bPort), new ArrayBufferWriter<byte>()) != RelayOutcome.Relayed)
    {
        return 1;
    }

    session.Win(back);
    list.Append(CultureInfo.InvariantCulture, $"{aPort} 127.0.0.1:{session.Front.ChannelAt(0)!.Port} {bPort} 127.0.0.1:{back.ChannelAt(0)!.Port}\n");
}

File.WriteAllText(file + ".new", list.ToString());
File.Move(file + ".new", file);
await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
return 0;

static string Variable(string name) =>
    Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException(name + " is not set: start this through run-rtp.sh");

static byte[] Sdp(string port) => Encoding.ASCII.GetBytes(
    $"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP 0\r\n");
