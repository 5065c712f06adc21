namespace Sip.B2bua.Modules;

/// <summary>Where plug-ins lie. In each folder, a sub-folder X holds the plug-in X.dll and what it brings along.</summary>
internal static class PluginFolders
{
    /// <summary>
    /// The folder of the server's own plug-ins: <c>plugins</c> beside the program, or, in a checkout, <c>artifacts/plugins</c>
    /// where the build puts them.
    /// </summary>
    /// <param name="programFolder">Where the program lies, <see cref="AppContext.BaseDirectory"/>.</param>
    public static string Own(string programFolder)
    {
        for (DirectoryInfo? folder = new(programFolder); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Sip.B2bua.sln")))
            {
                return Path.Combine(folder.FullName, "artifacts", "plugins");
            }
        }

        return Path.Combine(programFolder, "plugins");
    }

    /// <summary>The plug-ins of one folder, in the order of their names; a folder that does not exist has none.</summary>
    /// <param name="folder">A folder of plug-ins.</param>
    /// <param name="faults">Receives a fault for each sub-folder whose DLL has another name.</param>
    public static IEnumerable<string> Plugins(string folder, ICollection<PluginFault> faults)
    {
        if (!Directory.Exists(folder))
        {
            yield break;
        }

        string[] subfolders = Directory.GetDirectories(Path.GetFullPath(folder));
        Array.Sort(subfolders, StringComparer.Ordinal);
        foreach (string subfolder in subfolders)
        {
            string name = Path.GetFileName(subfolder);
            string dll = Path.Combine(subfolder, name + ".dll");
            if (File.Exists(dll))
            {
                yield return dll;
            }
            else if (Directory.EnumerateFiles(subfolder, "*.dll").Any())
            {
                faults.Add(new PluginFault(subfolder, $"there is no {name}.dll in it; a plug-in's folder has the name of its DLL."));
            }
        }
    }

    /// <summary>The plug-ins of those names in one folder.</summary>
    /// <param name="folder">A folder of plug-ins.</param>
    /// <param name="names">The names of sub-folders.</param>
    /// <param name="faults">Receives a fault for each name that is not there.</param>
    public static IEnumerable<string> Named(string folder, IEnumerable<string> names, ICollection<PluginFault> faults)
    {
        foreach (string name in names)
        {
            // A name, not a path: the setting must not lead out of the folder.
            string dll = Path.Combine(Path.GetFullPath(folder), Path.GetFileName(name), Path.GetFileName(name) + ".dll");
            if (File.Exists(dll))
            {
                yield return dll;
            }
            else
            {
                faults.Add(new PluginFault(dll, "it is named in the setting plugins of [global], but is not there."));
            }
        }
    }
}
