using Sip.B2bua.Configuration;
using Sip.B2bua.Modules;

namespace Sip.B2bua.Daemon;

/// <summary>
/// Reads the configuration: the file, then the plug-ins (whose folder the file names), then all sections. What systemd and
/// run.sh say of folders stands under the file, what the command line sets over it.
/// </summary>
internal sealed class ConfigurationLoader(StartOptions options)
{
    private const string UsersSection = "module::Authentication";
    private const string UsersKey = "file-path";

    private ModuleCatalog? catalog;

    /// <summary>The modules found. They are looked for once; a plug-in that comes later needs a restart.</summary>
    public ModuleCatalog Catalog => catalog ??= Scan(new FlexisipIni(options.File));

    /// <summary>Reads everything. Faults of plug-ins are mistakes like any other.</summary>
    public BoundConfiguration Load()
    {
        var ini = new FlexisipIni(options.File);
        ini.Load();
        catalog ??= Scan(ini);
        var sections = CatalogSections.Of(catalog);
        var defaults = Defaults(ini);
        var bound = OptionsBinder.Bind(sections, ini, options.Overrides, defaults);

        // Where nobody is asked for a password no user file is made, and none is needed.
        return defaults.RemoveAll(entry => IsUsers(entry.Section) && !bound.Filter(UsersSection).Enabled && !File.Exists(entry.Value)) > 0
            ? OptionsBinder.Bind(sections, ini, options.Overrides, defaults)
            : bound;
    }

    /// <summary>The sections, when only they are asked for: a missing file is no mistake then.</summary>
    public IReadOnlyList<SectionSchema> Sections()
    {
        var ini = new FlexisipIni(options.File);
        ini.Load();
        catalog ??= Scan(ini);
        return CatalogSections.Of(catalog);
    }

    private ModuleCatalog Scan(FlexisipIni ini)
    {
        var server = OptionsBinder.Bind([CatalogSections.Global()], ini, options.Overrides).Server;
        return ModuleCatalog.Scan(PluginFolders.Own(AppContext.BaseDirectory), server.PluginsDir);
    }

    private List<IniEntry> Defaults(FlexisipIni ini)
    {
        var defaults = new List<IniEntry>();
        Add("state-directory", "STATE_DIRECTORY");
        Add("log-directory", "LOGS_DIRECTORY");

        if (Catalog.Faults.Count > 0)
        {
            return defaults; // where a plug-in has a fault there are no sections of any
        }

        // Without a path of its own the user file lies among the server's state, where the first start can make it.
        var server = OptionsBinder.Bind([CatalogSections.Global()], ini, options.Overrides, defaults).Server;
        var hasOlder = ini.Entries.Any(e => IsUsers(e.Section) && e.Key.Equals("datasource", StringComparison.OrdinalIgnoreCase));
        if (!hasOlder && Catalog.Modules.Any(m => IsUsers(m.Section)))
        {
            defaults.Add(new IniEntry(UsersSection, UsersKey, Path.Combine(server.StateDirectory, "users.db.txt"), "default"));
        }

        // So do the messages for absent users.
        if (Catalog.Stores.Any(store => store.Contract == typeof(IMessageStore)))
        {
            defaults.Add(new IniEntry("module::Router", "message-database-file", Path.Combine(server.StateDirectory, "messages.db"), "default"));
        }

        return defaults;

        void Add(string key, string variable)
        {
            // systemd may name several folders, split by colons; ours is the first.
            if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } folder)
            {
                defaults.Add(new IniEntry(ServerOptions.Section, key, folder.Split(':')[0], $"${variable}"));
            }
        }
    }

    private static bool IsUsers(string section) => section.Equals(UsersSection, StringComparison.OrdinalIgnoreCase);
}
