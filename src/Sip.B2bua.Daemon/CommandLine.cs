using System.CommandLine;
using System.CommandLine.Parsing;
using Sip.B2bua.Configuration;

namespace Sip.B2bua.Daemon;

/// <summary>The options of the program; those that Flexisip has keep their names.</summary>
internal static class CommandLine
{
    private const string Source = "command line";

    private static readonly Option<string?> Config = new("--config", "-c")
    {
        Description = $"The configuration file. Default: {StartOptions.DefaultFile}",
        HelpName = "file",
    };

    private static readonly Option<string?> Transports = new("--transports", "-t")
    {
        Description = "Where to listen, instead of what [global] transports says: SIP URIs, split by blanks.",
        HelpName = "uris",
    };

    private static readonly Option<string[]> Set = new("--set", "-s")
    {
        Description = "Sets one parameter over the file; may be given again.",
        HelpName = "section/key=value",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    private static readonly Option<bool> Debug = new("--debug", "-d") { Description = "Logs everything, bodies of messages excepted." };

    private static readonly Option<string?> PidFile = new("--pidfile", "-p") { Description = "Writes the process id.", HelpName = "file" };

    private static readonly Option<bool> Check = new("--check")
    {
        Description = "Reads the configuration, tells every mistake and ends: 0 when there is none, else 1.",
    };

    private static readonly Option<string?> DumpDefault = new("--dump-default")
    {
        Description = "Prints a configuration file with every parameter of all sections, or of one, at its default.",
        HelpName = "all or section",
    };

    private static readonly Option<bool> DumpAllDefault = new("--dump-all-default") { Description = "The same as --dump-default all." };

    private static readonly Option<bool> RewriteConfig = new("--rewrite-config")
    {
        Description = "Prints the configuration anew: today's parameters and help, with what the file sets. For upgrades.",
    };

    private static readonly Option<bool> ListModules = new("--list-modules") { Description = "Prints the names of the modules, in the order of their work." };

    private static readonly Option<bool> ListSections = new("--list-sections") { Description = "Prints the names of the sections." };

    private static readonly Option<bool> PrintProfiles = new("--print-profiles") { Description = "Prints the profiles of phones and servers that come along." };

    /// <summary>Reads the arguments and runs what they ask for; mistakes, <c>--help</c> and <c>--version</c> are answered here.</summary>
    public static Task<int> RunAsync(string[] args, Func<StartOptions, Task<int>> run)
    {
        Set.Validators.Clear();
        Set.Validators.Add(CheckSet);
        var root = new RootCommand("A SIP back-to-back user agent. Without an option that prints something it runs until SIGTERM or Ctrl-C; SIGHUP reads the file again.")
        {
            Config, Transports, Set, Debug, PidFile, Check, DumpDefault, DumpAllDefault, RewriteConfig, ListModules, ListSections, PrintProfiles,
        };
        root.SetAction((parsed, _) => run(Read(parsed)));
        return root.Parse(args).InvokeAsync(new InvocationConfiguration
        {
            // Signals are the program's own business, and a fault of ours shall show where it is.
            ProcessTerminationTimeout = null,
            EnableDefaultExceptionHandler = false,
            Output = Terminal.Out,
            Error = Terminal.Error,
        });
    }

    private static StartOptions Read(ParseResult parsed)
    {
        var overrides = (parsed.GetValue(Set) ?? []).Select(text => Split(text)!).ToList();
        if (parsed.GetValue(Transports) is { } transports)
        {
            overrides.Add(new IniEntry(ServerOptions.Section, "transports", transports, Source));
        }

        return new StartOptions
        {
            ConfigFile = parsed.GetValue(Config),
            Overrides = overrides,
            Debug = parsed.GetValue(Debug),
            PidFile = parsed.GetValue(PidFile),
            Check = parsed.GetValue(Check),
            DumpDefault = parsed.GetValue(DumpAllDefault) ? "all" : parsed.GetValue(DumpDefault),
            RewriteConfig = parsed.GetValue(RewriteConfig),
            ListModules = parsed.GetValue(ListModules),
            ListSections = parsed.GetValue(ListSections),
            PrintProfiles = parsed.GetValue(PrintProfiles),
        };
    }

    private static void CheckSet(OptionResult result)
    {
        foreach (var text in result.GetValueOrDefault<string[]>().Where(text => Split(text) is null))
        {
            result.AddError($"-s {text}: section/key=value expected, such as -s global/log-level=debug");
        }
    }

    private static IniEntry? Split(string text)
    {
        // The value may hold slashes and more equal signs, a path for example.
        var sign = text.IndexOf('=', StringComparison.Ordinal);
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash <= 0 || sign <= slash + 1
            ? null
            : new IniEntry(text[..slash].Trim(), text[(slash + 1)..sign].Trim(), text[(sign + 1)..].Trim(), Source);
    }
}
