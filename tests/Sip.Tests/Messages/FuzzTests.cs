using Sip.Fuzz;
using static Sip.Tests.Messages.TestMessages;

namespace Sip.Tests.Messages;

public sealed class FuzzTests
{
    [Fact]
    public void Two_hundred_thousand_damaged_messages_break_nothing()
    {
        FuzzRun run = new(Corpus.Load(DataFolder), seed: 3261);
        for (int i = 0; i < 200_000; i++)
        {
            string? failure = run.Step();
            Assert.True(failure == null, $"input {i}: {failure}\n{Convert.ToBase64String(run.Current)}");
        }

        Assert.True(run.Accepted > 20_000, "too few inputs get past the parser to say anything");
        Assert.True(run.Allocated < 4_000_000, $"{run.Allocated} octets allocated");
    }
}
