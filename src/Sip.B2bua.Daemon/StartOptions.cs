using Sip.B2bua.Configuration;

namespace Sip.B2bua.Daemon;

/// <summary>What the command line asks for.</summary>
internal sealed record StartOptions
{
    /// <summary>The configuration file when none is named.</summary>
    public const string DefaultFile = "/etc/sip-b2bua/sip-b2bua.conf";

    /// <summary>The file named, or null.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>What is set over the file: <c>-s</c> and <c>-t</c>.</summary>
    public IReadOnlyList<IniEntry> Overrides { get; init; } = [];

    /// <summary>Whether everything is logged.</summary>
    public bool Debug { get; init; }

    /// <summary>Where the process id goes, or null.</summary>
    public string? PidFile { get; init; }

    /// <summary>Whose defaults to print: <c>all</c> or a section; null: none.</summary>
    public string? DumpDefault { get; init; }

    /// <summary>Whether to print the file anew.</summary>
    public bool RewriteConfig { get; init; }

    /// <summary>Whether to check the file only.</summary>
    public bool Check { get; init; }

    /// <summary>Whether to print the modules' names.</summary>
    public bool ListModules { get; init; }

    /// <summary>Whether to print the sections' names.</summary>
    public bool ListSections { get; init; }

    /// <summary>Whether to print the profiles that come along.</summary>
    public bool PrintProfiles { get; init; }

    /// <summary>The file to read.</summary>
    public string File => ConfigFile ?? DefaultFile;

    /// <summary>Whether the program prints something and ends.</summary>
    public bool OnlyPrints => DumpDefault is not null || RewriteConfig || Check || ListModules || ListSections || PrintProfiles;
}
