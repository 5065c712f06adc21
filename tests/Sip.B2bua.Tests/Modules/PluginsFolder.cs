namespace Sip.B2bua.Tests.Modules;

/// <summary>A folder of plug-ins for one test, filled from those that were built with the tests.</summary>
internal sealed class PluginsFolder : IDisposable
{
    public string FullName { get; } = Directory.CreateTempSubdirectory("plugins-").FullName;

    public static string Built(string name) => System.IO.Path.Combine(AppContext.BaseDirectory, "test-plugins", name);

    public string Path(string name) => System.IO.Path.Combine(FullName, name, name + ".dll");

    public PluginsFolder Add(string name)
    {
        Directory.CreateDirectory(System.IO.Path.Combine(FullName, name));
        foreach (string file in Directory.GetFiles(Built(name)))
        {
            File.Copy(file, System.IO.Path.Combine(FullName, name, System.IO.Path.GetFileName(file)));
        }

        return this;
    }

    public PluginsFolder AddFile(string folder, string file, string content)
    {
        Directory.CreateDirectory(System.IO.Path.Combine(FullName, folder));
        File.WriteAllText(System.IO.Path.Combine(FullName, folder, file), content);
        return this;
    }

    public void Dispose() => Directory.Delete(FullName, recursive: true);
}
