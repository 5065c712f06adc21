namespace Sip.Soak;

/// <summary>What a run is asked to do.</summary>
internal sealed record SoakOptions
{
    /// <summary>How long garbage is sent.</summary>
    public int Seconds { get; init; }

    /// <summary>Where the random numbers begin.</summary>
    public int Seed { get; init; }

    /// <summary>How long to wait afterwards before the memory is read again; the server's transactions last 32 s.</summary>
    public int SettleSeconds { get; init; }

    /// <summary>Whether the server keeps its default settings, with authentication; else everybody may register, and nothing is sorted out before it is read.</summary>
    public bool Defaults { get; init; }

    /// <summary>The program.</summary>
    public required string Server { get; init; }

    /// <summary>The server that a build of this repository leaves.</summary>
    public static string FindServer()
    {
        DirectoryInfo? root = new(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Sip.B2bua.sln")))
        {
            root = root.Parent;
        }

        return Path.Combine(root?.FullName ?? ".", "artifacts", "server", "sip-b2bua");
    }
}
