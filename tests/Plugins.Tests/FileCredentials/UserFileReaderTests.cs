using Sip.B2bua;
using Sip.B2bua.Plugins.FileCredentials;

namespace Plugins.Tests.FileCredentials;

public sealed class UserFileReaderTests
{
    private const string Md5 = "0123456789abcdef0123456789ABCDEF";

    [Fact]
    public void Comments_blank_lines_and_CRLF_are_fine()
    {
        UserFile file = Read("version:1\r\n\r\n# people\r\n  # indented\r\nalice@example.org clrtxt:secret ;\r\n");
        Assert.Equal(1, file.Count);
    }

    [Fact]
    public void The_last_line_may_lack_its_end() => Assert.Equal(1, Read("version:1\nalice@example.org clrtxt:secret ;").Count);

    [Fact]
    public void Clear_text_makes_both_hashes()
    {
        Credential bob = Read("version:1\nbob@biloxi.com clrtxt:zanzibar ;\n").Find("bob", "biloxi.com")!;
        Assert.Equal("zanzibar", bob.ClearText);
        Assert.Equal("12af60467a33e8518da5c68bbff12b11", bob.Md5);
        Assert.Equal("e65db393e748c5228939a6b4b2879e9ea5625cd79fd5267868cb568d69f6b97e", bob.Sha256);
    }

    [Fact]
    public void Hashes_are_kept_in_lower_case_and_clear_text_after_them_counts()
    {
        Credential hashed = Read($"version:1\nbob@biloxi.com md5:{Md5} ;\n").Find("bob", "biloxi.com")!;
        Assert.Equal(Md5.ToLowerInvariant(), hashed.Md5);
        Assert.Null(hashed.Sha256);
        Assert.Null(hashed.ClearText);
        Credential both = Read($"version:1\nbob@biloxi.com md5:{Md5} clrtxt:zanzibar ;\n").Find("bob", "biloxi.com")!;
        Assert.Equal("12af60467a33e8518da5c68bbff12b11", both.Md5);
    }

    [Fact]
    public void A_user_id_is_the_name_that_answers_a_challenge()
    {
        UserFile file = Read("version:1\nalice@example.org clrtxt:a ;\nbob@example.org clrtxt:b ; bob-auth\ncarol@example.org clrtxt:c ;carol-auth +33123\n");
        Assert.Equal("alice", file.Find("alice", "example.org")!.AuthenticationName);
        Assert.Equal("bob-auth", file.Find("bob", "example.org")!.AuthenticationName);
        Assert.Equal("carol-auth", file.Find("carol", "example.org")!.AuthenticationName);
    }

    [Fact]
    public void A_user_is_unescaped_and_a_domain_in_lower_case()
    {
        Assert.NotNull(Read("version:1\nann%20lee@Example.ORG clrtxt:a ;\n").Find("ann lee", "example.org"));
        Assert.NotNull(Read("version:1\nexample.org clrtxt:a ;\n").Find("", "example.org"));
    }

    [Theory]
    [InlineData("\"p@ss #1; word\"", "p@ss #1; word")]
    [InlineData("\"say \\\"x\\\\\\\"\"", "say \"x\\\"")]
    [InlineData("a:b~c", "a:b~c")]
    public void A_password_with_other_characters_stands_in_quotes(string written, string password) =>
        Assert.Equal(password, Read($"version:1\nalice@example.org clrtxt:{written} ;\n").Find("alice", "example.org")!.ClearText);

    [Theory]
    [InlineData("version:2\n", "f:1:1: the first line must be version:1")]
    [InlineData("# users\nversion:1\n", "f:1:1: the first line must be version:1")]
    [InlineData("version:1\nalice@example.org clrtxt:secret;\n", "f:2:32: a blank is expected before ;")]
    [InlineData("version:1\nalice@example.org clrtxt:secret\n", "f:2:32: a blank and ;")]
    [InlineData("version:1\nalice@example.org clrtxt:se$ret ;\n", "f:2:28: a password with this character must stand in double quotes")]
    [InlineData("version:1\nalice@example.org plain:secret ;\n", "f:2:19: clrtxt:, md5: or sha256: is expected here")]
    [InlineData("version:1\nalice@example.org ;\n", "f:2:20: clrtxt:, md5: or sha256: is expected before ;")]
    [InlineData("version:1\nalice@example.org md5:1234 ;\n", "f:2:23: a hash of 32 hexadecimal digits is expected here")]
    [InlineData("version:1\nalice@example.org clrtxt:\"open ;\n", "f:2:26: the closing quote")]
    [InlineData("version:1\n@example.org clrtxt:a ;\n", "f:2:1: user@domain is expected here")]
    [InlineData("version:1\nalice@example.org clrtxt:a ; id phone more\n", "f:2:39: only a user-id and a phone number may stand after ;")]
    public void A_mistake_is_told_with_file_line_and_column(string text, string mistake)
    {
        List<string> mistakes = [];
        Assert.Null(UserFileReader.Read("f", text, mistakes));
        Assert.StartsWith(mistake, mistakes[0]);
    }

    [Fact]
    public void All_mistakes_are_told_at_once()
    {
        List<string> mistakes = [];
        Assert.Null(UserFileReader.Read("f", "version:1\na@b clrtxt:x;\nc@d clrtxt:y ;\ne@f\n", mistakes));
        Assert.Equal(2, mistakes.Count);
    }

    private static UserFile Read(string text)
    {
        List<string> mistakes = [];
        UserFile? file = UserFileReader.Read("f", text, mistakes);
        Assert.True(file is not null, string.Join("; ", mistakes));
        return file;
    }
}
