using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Sip.B2bua.Tests;

/// <summary>Who may know whom, and the house marks that a machine can see.</summary>
public sealed partial class ArchitectureTests
{
    private const int LongestFile = 500;

    // From the ground up: a floor may name itself and those before it.
    private static readonly string[][] Floors =
    [
        ["Messages", "Headers", "Uris", "Sdp"],
        ["Interop", "Transports"],
        ["Transactions"],
        ["Dialogs"],
    ];

    private static readonly string[] Drawers = ["Manager", "Helper", "Helpers", "Util", "Utils", "Common", "Misc", "Base", "Impl", "Info", "Data", "Processor"];

    [Theory]
    [InlineData("src/Sip/Sip.csproj")]
    [InlineData("src/Sip.B2bua.Abstractions/Sip.B2bua.Abstractions.csproj", "Sip")]
    [InlineData("src/Sip.B2bua/Sip.B2bua.csproj", "Sip", "Sip.B2bua.Abstractions")]
    [InlineData("src/Sip.B2bua.Daemon/Sip.B2bua.Daemon.csproj", "Sip", "Sip.B2bua", "Sip.B2bua.Abstractions")]
    [InlineData("plugins/Directory.Build.props", "Sip", "Sip.B2bua.Abstractions")]
    public void A_project_references_only(string project, params string[] allowed) => Assert.Empty(References(project).Except(allowed));

    [Fact]
    public void A_plug_in_references_no_project_of_its_own_choice()
    {
        string[] projects = [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "plugins"), "*.csproj", SearchOption.AllDirectories)];
        Assert.All(projects, project => Assert.Empty(References(project)));
    }

    [Fact]
    public void A_plug_in_names_neither_the_server_nor_another_plug_in() => AssertNone(
        Repository.Sources("plugins"),
        (path, text) =>
        {
            string own = "Sip.B2bua.Plugins." + path.Split('/')[1];
            return Usings(text).FirstOrDefault(name => ServerOnly().IsMatch(name)
                || (name.StartsWith("Sip.B2bua.Plugins.", StringComparison.Ordinal) && !name.StartsWith(own, StringComparison.Ordinal)));
        });

    [Fact]
    public void The_core_names_no_module() => AssertNone(
        Repository.Sources("src/Sip.B2bua"),
        (_, text) => Usings(text).FirstOrDefault(name => name.StartsWith("Sip.B2bua.Plugins", StringComparison.Ordinal)));

    [Fact]
    public void The_protocol_knows_no_call_and_no_web() => AssertNone(
        Repository.Sources("src/Sip"),
        (_, text) => Usings(text).FirstOrDefault(name => name.StartsWith("Sip.B2bua", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) || name.StartsWith("NLog", StringComparison.Ordinal)));

    [Fact]
    public void Only_the_daemon_knows_Kestrel_and_NLog() => AssertNone(
        Repository.Sources("src/Sip.B2bua", "src/Sip.B2bua.Abstractions", "plugins"),
        (_, text) => Usings(text).FirstOrDefault(name => name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)
            || name.StartsWith("NLog", StringComparison.Ordinal)));

    [Fact]
    public void Inside_the_protocol_no_floor_names_a_higher_one() => AssertNone(
        Repository.Sources("src/Sip"),
        (path, text) =>
        {
            int floor = FloorOf(path.Split('/')[2]);
            return floor < 0 ? null : Usings(text).FirstOrDefault(name => name.StartsWith("Sip.", StringComparison.Ordinal) && FloorOf(name[4..]) > floor);
        });

    [Fact]
    public void A_file_says_the_namespace_of_its_folder() => AssertNone(
        Repository.Sources("src", "plugins"),
        (path, text) =>
        {
            string expected = ExpectedNamespace(path);
            string? found = NamespaceLine().Match(text) is { Success: true } match ? match.Groups[1].Value : null;
            return found is null || found == expected ? null : $"is in {found}, not {expected}";
        });

    [Fact]
    public void No_file_is_longer_than_500_lines() => AssertNone(
        Repository.Sources("src", "plugins", "tests", "bench"),
        (_, text) => text.AsSpan().Count('\n') is int lines && lines > LongestFile ? $"{lines} lines" : null);

    [Fact]
    public void No_file_is_named_for_a_drawer() => AssertNone(
        Repository.Sources("src", "plugins", "tests", "bench"),
        (path, _) => LastWord().Match(Path.GetFileName(path).Split('.')[0]).Value is string word && Drawers.Contains(word) ? word : null);

    [Fact]
    public void A_file_holds_the_type_it_is_named_for() => AssertNone(
        Repository.Sources("src", "plugins"),
        (path, text) =>
        {
            // "RequestPipeline.Calls.cs" is a part of RequestPipeline, "StoreAttributes.cs" holds StoreAttribute and its companion.
            string name = Path.GetFileName(path).Split('.')[0];
            string[] types = [.. TypeLine().Matches(text).Select(match => match.Groups[1].Value)];
            return types.Length == 0 || types.Any(type => name.StartsWith(type, StringComparison.Ordinal))
                ? null
                : $"holds {string.Join(", ", types)}";
        });

    [Fact]
    public void Nothing_is_folded_away_and_nothing_left_to_be_done() => AssertNone(
        Repository.Sources("src", "plugins", "bench").Concat(Repository.Sources("tests").Where(file => !file.Path.EndsWith("/ArchitectureTests.cs", StringComparison.Ordinal))),
        (_, text) => Unfinished().Match(text) is { Success: true } match ? match.Value.Trim() : null);

    private static void AssertNone(IEnumerable<(string Path, string Text)> files, Func<string, string, string?> fault)
    {
        string[] faults = [.. files.Select(file => (file.Path, What: fault(file.Path, file.Text))).Where(one => one.What is not null).Select(one => $"{one.Path}: {one.What}")];
        Assert.True(faults.Length == 0, string.Join(Environment.NewLine, faults));
    }

    private static string[] References(string project) =>
        [.. XDocument.Load(Path.Combine(Repository.Root, project)).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value))];

    private static IEnumerable<string> Usings(string text) => UsingLine().Matches(text).Select(match => match.Groups[1].Value);

    private static int FloorOf(string folder) => Array.FindIndex(Floors, floor => floor.Contains(folder.Split('.')[0]));

    private static string ExpectedNamespace(string path)
    {
        string[] parts = path.Split('/');
        string root = parts[0] == "plugins" ? "Sip.B2bua.Plugins." + parts[1]
            : parts[1] == "Sip.B2bua.Abstractions" ? "Sip.B2bua"
            : parts[1];
        return string.Join('.', parts[2..^1].Prepend(root));
    }

    [GeneratedRegex(@"^(?:global )?using (?:static )?(?:\w+ = )?([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex UsingLine();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"^(?:public|internal|file)? ?(?:static |sealed |abstract |readonly |partial |ref |unsafe )*(?:class|struct|interface|enum|record struct|record class|record|delegate [\w<>?]+) (\w+)", RegexOptions.Multiline)]
    private static partial Regex TypeLine();

    [GeneratedRegex(@"^Sip\.B2bua\.(Calls|Modules|Configuration|Daemon)\b")]
    private static partial Regex ServerOnly();

    [GeneratedRegex(@"[A-Z][a-z]*$")]
    private static partial Regex LastWord();

    [GeneratedRegex(@"^\s*#region.*$|//\s*(?:TODO|FIXME|HACK)\b.*$", RegexOptions.Multiline)]
    private static partial Regex Unfinished();
}
