using System.Text;
using System.Text.Json;
using Sip.Fuzz;
using Sip.Messages;
using static Sip.Tests.Messages.TestMessages;

namespace Sip.Tests.Messages;

/// <summary>The 621 messages printed in the RFCs.</summary>
public sealed class FlowTests
{
    // Faults of the printed texts, each seen in the RFC.
    private static readonly Dictionary<string, SipParseError> Faults = new()
    {
        ["rfc3665/159-3.10-F4-INVITE.sip"] = SipParseError.MissingFrom, // cut by the page
        ["rfc5626/002-9.1-NOTIFY.sip"] = SipParseError.BadTo, // <anonymous@example.com> has no scheme
        ["rfc3327/009-5.5.2-F1-INVITE.sip"] = SipParseError.BadRequestUri, // Request-URIs without a scheme
        ["rfc3327/010-5.5.2-F3-INVITE.sip"] = SipParseError.BadRequestUri,
        ["rfc3327/011-5.5.2-F4-INVITE.sip"] = SipParseError.BadRequestUri,
        ["rfc3327/012-5.5.2-F5-INVITE.sip"] = SipParseError.BadRequestUri,
        ["rfc4916/007-5.1-UPDATE.sip"] = SipParseError.BadContentLength,
        ["rfc5589.jsonl#5"] = SipParseError.CSeqMethodMismatch, // INVITE with CSeq 521 REFER
        ["rfc5589.jsonl#10"] = SipParseError.CSeqMethodMismatch,
        ["rfc5589.jsonl#11"] = SipParseError.CSeqMethodMismatch,
        ["rfc5589.jsonl#12"] = SipParseError.CSeqMethodMismatch,
    };

    [Fact]
    public void Parse_EveryPrintedMessage_IsAcceptedButForFaultsOfTheText()
    {
        int count = 0;
        foreach ((string file, string check, byte[] raw) in Flows())
        {
            SipParseError expected = Faults.TryGetValue(file, out SipParseError fault) ? fault
                : check.StartsWith("body not shown", StringComparison.Ordinal) ? SipParseError.TruncatedBody : SipParseError.None;
            Assert.True(expected == TryParse(raw, out _), file);
            count++;
        }

        Assert.Equal(621, count);
    }

    [Fact]
    public void Write_EveryPrintedMessage_MeansTheSameWhenReadAgain()
    {
        SipBufferPool pool = new();
        foreach ((string file, string _, byte[] raw) in Flows())
        {
            if (TryParse(raw, out SipMessage message) != SipParseError.None)
            {
                continue;
            }

            SipBuffer written = RoundTrip.Write(message, pool);
            Assert.True(TryParse(written.Span, out SipMessage again, stream: true) == SipParseError.None, file);
            Assert.True(RoundTrip.Difference(message, again) == null, file);
        }
    }

    [Fact]
    public void Next_ExactMessagesInOneStream_FindsEachOfThem()
    {
        List<byte[]> messages = [.. Flows().Where(flow => flow.Check == "exact" && HasLength(flow.Raw)).Select(flow => flow.Raw)];
        byte[] stream = [.. messages.SelectMany(raw => raw)];
        SipFramer framer = default;
        int at = 0;
        foreach (byte[] raw in messages)
        {
            SipFrame frame = framer.Next(stream.AsSpan(at), SipLimits.Default);
            Assert.Equal(new SipFrame(SipFrameKind.Message, raw.Length, false, FramingError.None), frame);
            at += frame.Length;
        }

        Assert.True(messages.Count > 380);
    }

    private static bool HasLength(byte[] raw) =>
        TryParse(raw, out SipMessage message) == SipParseError.None && message.Has(HeaderId.ContentLength);

    private static IEnumerable<(string File, string Check, byte[] Raw)> Flows()
    {
        string folder = Path.Combine(DataFolder, "vectors", "flows");
        Dictionary<string, string[]> lists = [];
        foreach (string[] row in Rows("vectors/flows/index.tsv"))
        {
            string[] parts = row[0].Split('#');
            if (parts.Length == 1)
            {
                yield return (row[0], row[6], File.ReadAllBytes(Path.Combine(folder, row[0])));
                continue;
            }

            if (!lists.TryGetValue(parts[0], out string[]? lines))
            {
                lists[parts[0]] = lines = File.ReadAllLines(Path.Combine(folder, parts[0]));
            }

            using JsonDocument document = JsonDocument.Parse(lines[int.Parse(parts[1]) - 1]);
            yield return (row[0], row[6], Encoding.UTF8.GetBytes(document.RootElement.GetProperty("raw").GetString()!));
        }
    }
}
