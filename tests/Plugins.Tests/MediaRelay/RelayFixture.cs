using System.Buffers;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Sip.B2bua;
using Sip.B2bua.Plugins.MediaRelay;

namespace Plugins.Tests.MediaRelay;

/// <summary>A relay on loopback whose one thread is turned by the test, under the test's clock.</summary>
internal sealed class RelayFixture : IDisposable
{
    public RelayFixture(Func<MediaRelayOptions, MediaRelayOptions>? change = null, int minimum = 10000, int maximum = 20000)
    {
        MediaRelayOptions options = new() { SdpPortRange = new PortRange(minimum, maximum), Threads = 1 };
        Engine = new RelayEngine(change?.Invoke(options) ?? options, Time, NullLogger.Instance);
    }

    public ManualTime Time { get; } = new();

    public RelayEngine Engine { get; }

    public static RelayParty Party(string signalling) =>
        new(IPAddress.Parse(signalling), IPAddress.Loopback, IPAddress.IPv6Loopback);

    public static string Offer(RelaySession session, RelayLeg from, RelayLeg to, byte[] sdp)
    {
        ArrayBufferWriter<byte> output = new();
        Assert.Equal(RelayOutcome.Relayed, session.Offer(from, to, sdp, output));
        return Encoding.ASCII.GetString(output.WrittenSpan);
    }

    public static string Answer(RelaySession session, RelayLeg from, RelayLeg to, byte[] sdp)
    {
        ArrayBufferWriter<byte> output = new();
        Assert.Equal(RelayOutcome.Relayed, session.Answer(from, to, sdp, output));
        return Encoding.ASCII.GetString(output.WrittenSpan);
    }

    public RelaySession Open(string signalling) => Engine.TryOpen(Party(signalling))!;

    /// <summary>A call that was offered by one phone and answered by the other.</summary>
    public RelaySession Connect(MediaPhone caller, MediaPhone callee, string extra = "")
    {
        RelaySession session = Open(caller.Address.ToString());
        RelayLeg back = session.AddBranch(Party(callee.Address.ToString()));
        callee.Learn(Offer(session, session.Front, back, caller.Sdp(extra: extra)));
        caller.Learn(Answer(session, back, session.Front, callee.Sdp(extra: extra)));
        session.Win(back);
        return session;
    }

    /// <summary>Moves what the kernel holds: on loopback a packet is at the socket when its send returns.</summary>
    public void Turn(int times = 4)
    {
        for (int i = 0; i < times; i++)
        {
            Engine.Threads[0].Turn(0);
        }
    }

    public void Dispose() => Engine.Dispose();
}
