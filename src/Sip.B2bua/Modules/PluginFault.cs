namespace Sip.B2bua.Modules;

/// <summary>Why a plug-in cannot be used. Any fault stops the start: without Authentication the server would be open.</summary>
/// <param name="Path">The DLL, or the folder where one was looked for.</param>
/// <param name="What">What is wrong and what would help, in a sentence.</param>
internal sealed record PluginFault(string Path, string What)
{
    public override string ToString() => $"plug-in {Path}: {What}";
}
