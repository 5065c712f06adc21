using System.Diagnostics.Metrics;

namespace Sip;

/// <summary>Every counter of this assembly, under the meter name <see cref="Name"/>.</summary>
public static class SipMeter
{
    /// <summary>The name of the meter, for those who collect it.</summary>
    public const string Name = "Sip";

    private static readonly Meter Meter = new(Name);

    internal static readonly Histogram<double> LoopLag =
        Meter.CreateHistogram<double>("sip.loop.lag", "ms", "How late a turn's oldest due timer was.");

    internal static readonly Histogram<int> QueueDepth =
        Meter.CreateHistogram<int>("sip.loop.queue", "{work}", "Work found in a loop's inbox by a turn.");

    internal static readonly Counter<long> LoopFaults =
        Meter.CreateCounter<long>("sip.loop.faults", "{fault}", "Exceptions that a loop caught from what it ran.");

    internal static readonly Counter<long> LoopBlocked =
        Meter.CreateCounter<long>("sip.loop.blocked", "{work}", "Pieces of work that blocked a loop too long.");

    internal static readonly Counter<long> InboxDrops =
        Meter.CreateCounter<long>("sip.loop.drops", "{work}", "Work refused because a loop's inbox was full.");

    internal static readonly Counter<long> Received =
        Meter.CreateCounter<long>("sip.transport.received", "{message}", "Datagrams and framed messages received.");

    internal static readonly Counter<long> Sent =
        Meter.CreateCounter<long>("sip.transport.sent", "{message}", "Datagrams and framed messages sent.");

    internal static readonly Counter<long> SendDrops =
        Meter.CreateCounter<long>("sip.transport.drops", "{message}", "Messages that could not be sent: queue full, flow dead, or refused by the system.");

    internal static readonly Counter<long> KeepAlives =
        Meter.CreateCounter<long>("sip.transport.keepalives", "{message}", "Empty datagrams, CRLF keep-alives and STUN requests.");

    internal static readonly Counter<long> Unreachable =
        Meter.CreateCounter<long>("sip.transport.unreachable", "{error}", "ICMP errors for datagrams that we sent.");

    internal static readonly UpDownCounter<long> Connections =
        Meter.CreateUpDownCounter<long>("sip.transport.connections", "{connection}", "Open connections.");

    internal static readonly Counter<long> ConnectionsRefused =
        Meter.CreateCounter<long>("sip.transport.refused", "{connection}", "Connections refused by a limit.");

    internal static readonly Counter<long> ConnectionsCut =
        Meter.CreateCounter<long>("sip.transport.cut", "{connection}", "Connections closed for a fault of the peer: framing, time-out, full queue.");

    internal static readonly Counter<long> DnsQuestions =
        Meter.CreateCounter<long>("sip.dns.questions", "{question}", "Questions asked of name servers.");

    internal static readonly Counter<long> DnsFailures =
        Meter.CreateCounter<long>("sip.dns.failures", "{question}", "Questions that no name server has answered.");
}
