using System.Text;

namespace Sip.Tests.Transactions;

public sealed class LoopIdsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(255)]
    public void Every_id_carries_the_loop(int number)
    {
        LoopIds ids = new(number);
        byte[] branch = new byte[LoopIds.BranchLength];
        byte[] tag = new byte[LoopIds.TagLength];
        byte[] callId = new byte[LoopIds.CallIdLength];
        ids.NewBranch(branch);
        ids.NewTag(tag);
        ids.NewCallId(callId);
        foreach (byte[] id in new[] { branch, tag, callId })
        {
            Assert.True(LoopIds.TryGetLoop(id, out int loop));
            Assert.Equal(number, loop);
            Assert.All(id, c => Assert.True(char.IsAsciiLetterOrDigit((char)c)));
        }
    }

    [Fact]
    public void Ids_never_repeat()
    {
        LoopIds ids = new(1);
        HashSet<string> seen = [];
        byte[] tag = new byte[LoopIds.TagLength];
        for (int i = 0; i < 20_000; i++)
        {
            ids.NewTag(tag);
            Assert.True(seen.Add(Encoding.ASCII.GetString(tag)));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("z9hG4bK")]
    [InlineData("z9hG4bK03")]
    [InlineData("88sja8x")]
    [InlineData("ZZ34567890123456789012345678")]
    public void An_id_of_somebody_else_carries_none(string id) =>
        Assert.False(LoopIds.TryGetLoop(Encoding.ASCII.GetBytes(id), out _));
}
