namespace Sip.B2bua.Tests;

/// <summary>A change of the contract shows in review, as a change of PublicApi.txt.</summary>
public sealed class PublicApiTests
{
    // Set to 1: the test writes the file instead of comparing.
    private const string Accept = "SIP_ACCEPT_API";

    private static readonly string Approved = Path.Combine(Repository.Root, "src", "Sip.B2bua.Abstractions", "PublicApi.txt");

    [Fact]
    public void The_contract_is_what_PublicApi_txt_says()
    {
        string actual = PublicApiPrinter.Print(typeof(SipModule).Assembly);
        if (Environment.GetEnvironmentVariable(Accept) == "1")
        {
            File.WriteAllText(Approved, actual);
        }

        string[] approved = File.ReadAllLines(Approved);
        string[] now = actual.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string difference = string.Join(
            Environment.NewLine, approved.Except(now).Select(line => "- " + line.Trim()).Concat(now.Except(approved).Select(line => "+ " + line.Trim())));
        Assert.True(approved.SequenceEqual(now), $"The contract has changed; if that is meant, run this test with {Accept}=1.{Environment.NewLine}{difference}");
    }
}
