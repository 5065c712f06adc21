using Sip.Messages;
using static Sip.Tests.Messages.TestMessages;

namespace Sip.Tests.Messages;

public sealed class HeaderTableTests
{
    public static TheoryData<string, string, bool, bool> Forms
    {
        get
        {
            TheoryData<string, string, bool, bool> data = [];
            foreach (string[] row in Rows("vectors/grammar/header-forms.tsv"))
            {
                data.Add(row[0], row[1], row[2] == "yes", row[3].StartsWith("single", StringComparison.Ordinal));
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Find_HeaderOfTheRfcs_HasItsNameCompactFormAndShape(string name, string compact, bool isList, bool isSingle)
    {
        HeaderId id = HeaderTable.Find(Bytes(name));
        Assert.NotEqual(HeaderId.Unknown, id);
        Assert.Equal(name, Text(HeaderTable.Name(id)));
        Assert.Equal(id, HeaderTable.Find(Bytes(name.ToUpperInvariant())));
        Assert.Equal(id, HeaderTable.Find(Bytes(name.ToLowerInvariant())));
        Assert.Equal(isList, HeaderTable.IsList(id));
        Assert.Equal(isSingle, HeaderTable.IsSingle(id));
        if (compact.Length > 0)
        {
            Assert.Equal(id, HeaderTable.Find(Bytes(compact)));
            Assert.Equal(id, HeaderTable.Find(Bytes(compact.ToUpperInvariant())));
        }
    }

    [Fact]
    public void Find_EveryId_IsFoundByItsName()
    {
        foreach (HeaderId id in Enum.GetValues<HeaderId>().Skip(1))
        {
            Assert.Equal(id, HeaderTable.Find(HeaderTable.Name(id)));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("g")]
    [InlineData("\u000D")]
    [InlineData("V1a")]
    [InlineData("Vias")]
    [InlineData("Content-Lengthy")]
    [InlineData("Content_Length")]
    [InlineData("C%6Fntact")]
    [InlineData("Proxy-Authentixation-Info")]
    [InlineData("Proxy-AAAAAAAAtion-Info")]
    public void Find_NearMiss_IsUnknown(string name) => Assert.Equal(HeaderId.Unknown, HeaderTable.Find(Bytes(name)));

    [Fact]
    public void Find_EveryOneOctetChange_IsUnknownOrOnlyAnotherCase()
    {
        foreach (HeaderId id in Enum.GetValues<HeaderId>().Skip(1))
        {
            byte[] name = HeaderTable.Name(id).ToArray();
            for (int i = 0; i < name.Length; i++)
            {
                for (int c = 0x21; c < 256; c++)
                {
                    byte[] changed = [.. name];
                    changed[i] = (byte)c;
                    HeaderId found = HeaderTable.Find(changed);
                    Assert.True(found == HeaderId.Unknown || SipChars.EqualsIgnoreCase(changed, HeaderTable.Name(found)), Text(changed));
                }
            }
        }
    }
}
