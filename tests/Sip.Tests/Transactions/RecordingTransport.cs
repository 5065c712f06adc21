using System.Text;
using Sip.Messages;
using Sip.Transports;

namespace Sip.Tests.Transactions;

/// <summary>A transport that keeps what is sent, with the flow and the time.</summary>
internal sealed class RecordingTransport(ListeningPoint point, TransportSet set) : SipTransport(point, set)
{
    public List<Sent> Messages { get; } = [];

    /// <summary>When false, sends are counted only: for allocation tests.</summary>
    public bool Keeps { get; set; } = true;

    public int Count { get; private set; }

    public override ReadOnlySpan<byte> ViaToken => Point.Token == "UDP" ? "UDP"u8 : "TCP"u8;

    public override ReadOnlySpan<byte> UriToken => Point.Token == "UDP" ? "udp"u8 : "tcp"u8;

    public override bool IsReliable => Point.Token != "UDP";

    public override void Open()
    {
    }

    public override void Close()
    {
    }

    public override void Send(in Flow flow, SipBuffer message)
    {
        Count++;
        if (Keeps)
        {
            Messages.Add(new Sent(Encoding.UTF8.GetString(message.Span), flow, Loop.Now));
        }
    }

    public override bool TryGetFlow(in SipAddress remote, out Flow flow)
    {
        flow = new Flow(this, Point.Address, remote);
        return true;
    }
}

/// <summary>A message that was sent.</summary>
internal sealed record Sent(string Text, Flow Flow, long At)
{
    public string StartLine => Text[..Text.IndexOf('\r')];

    /// <summary>The value of the first header line of that name, or null.</summary>
    public string? Header(string name) => Headers(name).FirstOrDefault();

    public IEnumerable<string> Headers(string name) =>
        Text.Split("\r\n").Where(l => l.StartsWith(name + ": ", StringComparison.Ordinal)).Select(l => l[(name.Length + 2)..]);
}
