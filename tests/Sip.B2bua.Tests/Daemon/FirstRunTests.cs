using System.Text.RegularExpressions;
using Sip.B2bua.Configuration;
using Sip.B2bua.Daemon;

namespace Sip.B2bua.Tests.Daemon;

public sealed class FirstRunTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sip-first-run-").FullName;

    private string Users => Path.Combine(folder, "sub", "users.db.txt");

    public void Dispose() => Directory.Delete(folder, true);

    [Fact]
    public void A_missing_user_file_is_made_with_two_users_for_its_owner_only()
    {
        var (good, told) = Run("auth-domains=sip.example.org");
        Assert.True(good);
        var text = File.ReadAllText(Users);
        var lines = text.Split('\n');
        Assert.Equal("version:1", lines[0]);
        var users = Regex.Matches(text, @"^(alice|bob)@sip\.example\.org clrtxt:([A-Za-z0-9]{16}) ;$", RegexOptions.Multiline);
        Assert.Equal(["alice", "bob"], users.Select(u => u.Groups[1].Value));
        Assert.EndsWith(";\n", text, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Users));
        }

        Assert.All(users, u => Assert.Contains(u.Groups[2].Value, told, StringComparison.Ordinal));
        Assert.NotEqual(users[0].Groups[2].Value, users[1].Groups[2].Value);
        Assert.Contains("192.0.2.7:5070", told, StringComparison.Ordinal);
        Assert.Contains("UDP", told, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_others_read_along_the_passwords_stay_in_the_file()
    {
        var (_, told) = Run("auth-domains=sip.example.org", showPasswords: false);
        var password = Regex.Match(File.ReadAllText(Users), "alice.*clrtxt:([^ ]+)").Groups[1].Value;
        Assert.DoesNotContain(password, told, StringComparison.Ordinal);
        Assert.Contains(Users, told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("auth-domains=*")]
    [InlineData("auth-domains=localhost")]
    public void Without_a_name_the_users_are_those_of_the_machine_and_phones_are_told_its_address(string line)
    {
        var (_, told) = Run(line);
        Assert.Matches(@"domain +192\.0\.2\.7 +192\.0\.2\.7\n", told);
        Assert.Contains("alice@localhost ", File.ReadAllText(Users), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_there_stays_as_it_is()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Users)!);
        File.WriteAllText(Users, "version:1\n");
        Assert.Equal((true, ""), Run("auth-domains=*"));
        Assert.Equal("version:1\n", File.ReadAllText(Users));
    }

    [Theory]
    [InlineData("enabled=false")]
    [InlineData("db-implementation=soci")]
    public void Where_no_user_file_is_wanted_none_is_made(string line)
    {
        Assert.Equal((true, ""), Run(line));
        Assert.False(File.Exists(Users));
    }

    [Fact]
    public void A_file_that_cannot_be_made_is_told()
    {
        File.WriteAllText(Path.Combine(folder, "sub"), "in the way");
        var (good, told) = Run("auth-domains=*");
        Assert.False(good);
        Assert.Contains(Users, told, StringComparison.Ordinal);
    }

    private (bool Good, string Told) Run(string line, bool showPasswords = true)
    {
        IReadOnlyList<SectionSchema> schemas =
            [CatalogSections.Global(), SectionSchema.Module("Authentication", "Asks for passwords.", true, [typeof(Authentication)])];
        var bound = OptionsBinder.Bind(schemas, FlexisipIni.FromText(
            "x.conf",
            $"[global]\ntransports=sip:192.0.2.7:5070\n[module::Authentication]\nfile-path={Users}\n{line}\n"));
        Assert.Empty(bound.Mistakes);
        var output = new StringWriter();
        return (new FirstRun(bound, showPasswords).Prepare(output), output.ToString());
    }

    private sealed class Authentication
    {
        [Setting("File.")]
        public string FilePath { get; set; } = "";

        [Setting("Store.")]
        public string DbImplementation { get; set; } = "file";

        [Setting("Domains.")]
        public IReadOnlyList<string> AuthDomains { get; set; } = ["localhost"];
    }
}
