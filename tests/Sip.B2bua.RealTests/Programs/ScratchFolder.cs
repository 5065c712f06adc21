namespace Sip.B2bua.RealTests.Programs;

/// <summary>A folder of one test's own under the temporary folder, removed at the end.</summary>
internal sealed class ScratchFolder : IDisposable
{
    /// <summary>Makes the folder.</summary>
    public ScratchFolder(string name) => Path = Directory.CreateTempSubdirectory($"sip-b2bua-{name}-").FullName;

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>The path of a file in it.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a text file into it and returns its path. No byte-order mark: the phones take it for a word.</summary>
    public string Write(string name, string text)
    {
        string path = File(name);
        System.IO.File.WriteAllText(path, text);
        return path;
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A program that is being ended may still write; the system cleans its temporary folder.
        }
    }
}
