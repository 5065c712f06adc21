using System.Diagnostics.Metrics;

namespace Sip;

/// <summary>The counters of what happens to messages between parser and user; part of the meter <see cref="SipMeter.Name"/>.</summary>
internal static class StackMeter
{
    private static readonly Meter Meter = new(SipMeter.Name);

    public static readonly Counter<long> Silenced =
        Meter.CreateCounter<long>("sip.stack.silenced", "{message}", "Messages that were no SIP or could not be answered.");

    public static readonly Counter<long> Malformed =
        Meter.CreateCounter<long>("sip.stack.malformed", "{message}", "Requests refused because they were malformed.");

    public static readonly Counter<long> HandedOver =
        Meter.CreateCounter<long>("sip.stack.handed_over", "{message}", "Messages handed to the loop that owns them.");

    public static readonly Counter<long> UnmatchedResponses =
        Meter.CreateCounter<long>("sip.stack.unmatched_responses", "{message}", "Responses that matched no transaction.");

    public static readonly Counter<long> StrayAcks =
        Meter.CreateCounter<long>("sip.stack.stray_acks", "{message}", "ACKs that belonged to nothing.");

    public static readonly Counter<long> NoDialog =
        Meter.CreateCounter<long>("sip.stack.no_dialog", "{message}", "Requests refused with 481.");

    public static readonly Counter<long> Merged =
        Meter.CreateCounter<long>("sip.stack.merged", "{message}", "Requests refused with 482 because they came by two paths.");

    public static readonly Counter<long> OutOfOrder =
        Meter.CreateCounter<long>("sip.stack.out_of_order", "{message}", "Requests inside a dialog refused for their CSeq.");

    public static readonly Counter<long> Overload =
        Meter.CreateCounter<long>("sip.stack.overload", "{message}", "Requests refused with 503 because the transaction table was full.");

    public static readonly Counter<long> Faults =
        Meter.CreateCounter<long>("sip.stack.faults", "{fault}", "Messages whose handler threw.");
}
