using System.Text;
using Sip.Headers;

namespace Sip.Tests.Headers;

public sealed class SessionIdentifierTests
{
    private const string A = "ab30317f1a784dc48ff824d0d3715d86";
    private const string B = "47755a9de7794ba387653f2099600ef2";
    private const string Nil = "00000000000000000000000000000000";

    // RFC 7989 5
    [Theory]
    [InlineData(A + ";remote=" + B, A, B, true)]
    [InlineData(A + " ; Remote=" + Nil, A, Nil, true)]
    [InlineData(Nil + ";x=y;remote=" + B, Nil, B, true)]
    [InlineData(A, A, Nil, false)]
    [InlineData(A + ";logme", A, Nil, false)]
    public void RFC_7989_5_A_value_is_read(string value, string local, string remote, bool hasRemote)
    {
        Assert.True(SessionIdentifier.TryParse(Encoding.ASCII.GetBytes(value), out SessionIdentifier id));
        Assert.Equal((local, remote, hasRemote), (id.Local.ToString("x32", null), id.Remote.ToString("x32", null), id.HasRemote));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ab30317f1a784dc48ff824d0d3715d8")]
    [InlineData(A + "0")]
    [InlineData("AB30317F1A784DC48FF824D0D3715D86")]
    [InlineData("gb30317f1a784dc48ff824d0d3715d86")]
    [InlineData("+b30317f1a784dc48ff824d0d3715d86")]
    [InlineData(A + ";remote=1")]
    [InlineData(A + ";remote")]
    [InlineData(A + ";remote=" + "47755A9DE7794BA387653F2099600EF2")]
    public void What_is_none_is_not_read(string value) => Assert.False(SessionIdentifier.TryParse(Encoding.ASCII.GetBytes(value), out _));

    // RFC 7989 4.1, RFC 4122 4.4
    [Fact]
    public void RFC_7989_4_1_A_new_UUID_is_of_random()
    {
        HashSet<UInt128> made = [];
        for (int i = 0; i < 100; i++)
        {
            UInt128 uuid = SessionIdentifier.NewUuid();
            Assert.True(made.Add(uuid));
            Assert.Matches("^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$", uuid.ToString("x32", null));
        }
    }
}
