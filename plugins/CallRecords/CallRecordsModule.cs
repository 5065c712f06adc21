using System.Composition;
using System.Text;
using Microsoft.Extensions.Logging;
using Sip.Headers;
using Sip.Messages;
using Sip.Transports;

namespace Sip.B2bua.Plugins.CallRecords;

/// <summary>
/// Writes down every call when it is over, also one that was refused before anything rang: who, when, how long, by which legs, and why it
/// ended as it did.
/// </summary>
[SipModule("CallRecords", Stage.Observe, 10, Options = typeof(CallRecordsOptions), EnabledByDefault = false,
    Help = "Writes a record of every call, as a line of JSON and into an SQLite database.")]
[Shared]
internal sealed class CallRecordsModule : SipModule
{
    private readonly CallRecordsOptions options;
    private readonly TimeProvider time;
    private readonly RecordWriter writer;

    [ImportingConstructor]
    public CallRecordsModule(ISettings<CallRecordsOptions> settings, TimeProvider time, ILoggerFactory loggers)
    {
        options = settings.Value; // files are opened once: a change takes effect at the next start
        this.time = time;
        writer = new RecordWriter(options, time, loggers.CreateLogger("CallRecords"));
    }

    /// <summary>How many records were dropped because the disk was too slow.</summary>
    public long Dropped => writer.Dropped;

    public override ValueTask StartAsync(CancellationToken cancellation)
    {
        writer.Start();
        return ValueTask.CompletedTask;
    }

    public override ValueTask StopAsync(CancellationToken cancellation) => new(writer.StopAsync());

    public override void OnLegEnded(ICall call, ILeg leg)
    {
        if (call.GetState(this) is not List<LegEntry> legs)
        {
            call.SetState(this, legs = new(2));
        }

        legs.Add(new LegEntry(leg.Number, leg.Party, leg.CallId, AddressOf(leg.Flow), TransportOf(leg.Flow), leg.UserAgent, leg.Code));
    }

    public override void OnCallEnded(ICall call)
    {
        List<LegEntry> legs = call.GetState(this) as List<LegEntry> ?? [];
        legs.Sort(static (one, other) => one.Number.CompareTo(other.Number));
        writer.Add(new CallEntry(call.ToRecord(), legs));
    }

    public override void OnRefused(RequestContext context, int code, string reason)
    {
        SipMessage request = context.Request;
        if (request.Method != SipMethod.Invite)
        {
            return;
        }

        DateTimeOffset now = time.GetUtcNow();
        string caller = UriOf(request.From);
        string callId = Encoding.UTF8.GetString(request.CallId);
        writer.Add(new CallEntry(
            new CallRecord
            {
                Id = callId,
                Caller = caller,
                Called = UriOf(request.To),
                Begun = now,
                Ended = now,
                Code = code,
                EndedBy = "server",
                Reason = reason,
                Trail = [.. context.Trail.Read()],
            },
            [
                new LegEntry(0, caller, callId, AddressOf(context.Flow), TransportOf(context.Flow),
                    Encoding.UTF8.GetString(request.First(HeaderId.UserAgent)), code),
            ]));
    }

    private static string UriOf(ReadOnlySpan<byte> party) =>
        Encoding.UTF8.GetString(NameAddr.TryParse(party, out NameAddr address) ? address.Uri : party);

    // A leg whose target was never found has no flow.
    private static string AddressOf(in Flow flow) => flow.Transport is null ? "" : flow.Remote.ToString();

    private static string TransportOf(in Flow flow) => flow.Transport is null ? "" : Encoding.ASCII.GetString(flow.Transport.UriToken);
}
