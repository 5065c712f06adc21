using System.Text.RegularExpressions;
using Sip.B2bua.RealTests.Phones;
using Xunit;

namespace Sip.B2bua.RealTests.Programs;

/// <summary>What a run of sipp came to.</summary>
internal sealed partial record SippOutcome(int ExitCode, int Successful, int Failed, int Retransmissions, string Errors, string MessageTrace)
{
    /// <summary>The messages it sent and received; only runs of few calls are traced.</summary>
    public IReadOnlyList<TracedMessage> Messages =>
        [.. Message().Matches(MessageTrace).SelectMany(match => TracedMessage.Split(match.Groups["way"].Value == "received", match.Groups["text"].Value))];

    /// <summary>The last final response to a request of that method, for what it refused.</summary>
    public TracedMessage? FinalOf(string method) =>
        Messages.LastOrDefault(message => message is { Received: true, Code: >= 200 } && message.Method == method);

    /// <summary>Every scenario was played to its end.</summary>
    public void AllSucceeded(int count) =>
        Assert.True(ExitCode == 0 && Successful == count && Failed == 0, $"{this with { MessageTrace = "" }}\n{Tail(MessageTrace)}");

    [GeneratedRegex(@"-{10,} [^\n]*\n\w+ message (?<way>sent|received) [^\n]*\n(?<text>.*?)(?=\n-{10,} |\z)", RegexOptions.Singleline)]
    private static partial Regex Message();

    private static string Tail(string text) => text.Length <= 6000 ? text : text[^6000..];
}
