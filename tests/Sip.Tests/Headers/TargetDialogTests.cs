using System.Text;
using Sip.Headers;

namespace Sip.Tests.Headers;

public sealed class TargetDialogTests
{
    [Theory]
    [InlineData("7@x;local-tag=a;remote-tag=b")]
    [InlineData(" 7@x ; remote-tag=b;x;LOCAL-TAG=a")]
    public void RFC_4538_7_A_dialog_is_named_by_Call_ID_and_both_tags(string value)
    {
        Assert.True(TargetDialog.TryParse(Encoding.UTF8.GetBytes(value), out TargetDialog target));
        Assert.Equal(("7@x", "a", "b"), (Text(target.CallId), Text(target.LocalTag), Text(target.RemoteTag)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("7@x")]
    [InlineData("7@x;local-tag=a")]
    [InlineData("7@x;remote-tag=b")]
    [InlineData("7@x;local-tag=;remote-tag=b")]
    [InlineData(";local-tag=a;remote-tag=b")]
    [InlineData("7 x;local-tag=a;remote-tag=b")]
    public void RFC_4538_4_What_lacks_one_of_them_is_none(string value) =>
        Assert.False(TargetDialog.TryParse(Encoding.UTF8.GetBytes(value), out _));

    private static string Text(ReadOnlySpan<byte> value) => Encoding.UTF8.GetString(value);
}
