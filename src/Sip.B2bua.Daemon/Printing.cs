using Microsoft.Extensions.Logging;
using Sip.B2bua.Calls;
using Sip.B2bua.Configuration;
using Sip.Transports;

namespace Sip.B2bua.Daemon;

/// <summary>The options that print something and end: dumps, lists and the check.</summary>
internal sealed class Printing(ConfigurationLoader loader, TextWriter output, TextWriter error)
{
    /// <summary>Prints what is asked for.</summary>
    /// <returns>The exit code: 1 when there is a mistake.</returns>
    public int Run(StartOptions options)
    {
        if (options.DumpDefault is { } section)
        {
            return DumpDefault(section);
        }

        if (options.PrintProfiles)
        {
            output.Write(PeerProfiles.Shipped);
            return 0;
        }

        if (options.ListModules || options.ListSections)
        {
            foreach (var schema in loader.Sections().Where(s => s.IsModule || options.ListSections))
            {
                output.WriteLine(options.ListSections ? schema.Name : schema.Name["module::".Length..]);
            }

            return TellFaults();
        }

        var configuration = loader.Load();
        if (options.RewriteConfig)
        {
            // Names that no section has are told and left out; they do not stop this one, an old file is full of them.
            Tell(configuration);
            new ConfigWriter(output).Rewrite(configuration);
            return 0;
        }

        if (!Tell(configuration))
        {
            return 1;
        }

        output.WriteLine("The configuration is correct.");
        return 0;
    }

    /// <summary>Tells every warning and mistake, a line for each.</summary>
    /// <returns>True when the server may start.</returns>
    public bool Tell(BoundConfiguration configuration)
    {
        foreach (var warning in configuration.Warnings)
        {
            error.WriteLine($"warning: {warning}");
        }

        foreach (var mistake in configuration.Mistakes)
        {
            error.WriteLine(mistake.ToString());
        }

        return TellFaults() == 0 && configuration.IsGood;
    }

    /// <summary>Tells why the server cannot start; where it cannot listen, as mistakes of the configuration.</summary>
    public void TellWhyNot(BoundConfiguration configuration, Exception cause, ILogger log)
    {
        if (cause is not ListeningException listening)
        {
            DaemonLog.CannotStart(log, cause.Message, cause);
            error.WriteLine($"The server cannot start: {cause.Message}");
            return;
        }

        foreach (var fault in listening.Faults)
        {
            // A certificate may be named by several settings.
            var mistake = (fault.IsOfCertificate
                ? new ConfigMistake("configuration", 0, fault.ToString()) { Section = ServerOptions.Section }
                : ConfigMistake.Of(configuration.Entries, ServerOptions.Section, new SettingFault("transports", fault.ToString()))).ToString();
            DaemonLog.CannotStart(log, mistake, listening.InnerException);
            error.WriteLine(mistake);
        }
    }

    private int DumpDefault(string section)
    {
        var all = loader.Sections();
        var wanted = section == "all" ? all : [.. all.Where(s => s.Name.Equals(section, StringComparison.OrdinalIgnoreCase))];
        if (wanted.Count == 0)
        {
            var meant = NearestName.Of(section, all.Select(s => s.Name));
            error.WriteLine($"There is no section {section}" + (meant is null ? "; --list-sections names them." : $"; did you mean \"{meant}\"?"));
            return 1;
        }

        new ConfigWriter(output).WriteDefaults(wanted);
        return TellFaults();
    }

    private int TellFaults()
    {
        foreach (var fault in loader.Catalog.Faults)
        {
            error.WriteLine(fault.ToString());
        }

        return loader.Catalog.Faults.Count == 0 ? 0 : 1;
    }
}
