using System.Reflection;
using System.Runtime.Loader;

namespace Sip.B2bua.Modules;

/// <summary>
/// The load context of one plug-in's folder. What plug-in and host must agree on comes from the host; everything else from
/// the folder, so two plug-ins may bring different versions of the same library.
/// </summary>
internal sealed class PluginLoadContext : AssemblyLoadContext
{
    // The contract and what its signatures mention. "Already loaded in the host?" would not do in place of this list: Sip may
    // not be loaded yet when the first plug-in asks for it, and a second copy makes every type of it another type.
    private static readonly string[] Shared =
    [
        "Sip",
        "Sip.B2bua.Abstractions",
        "System.Composition.AttributedModel",
        "Microsoft.Extensions.Logging.Abstractions",
    ];

    private readonly AssemblyDependencyResolver resolver;

    public PluginLoadContext(string path)
        : base(Path.GetFileNameWithoutExtension(path)) => resolver = new AssemblyDependencyResolver(path);

    /// <summary>Null means: ask the host's context. That also serves the framework, which no plug-in brings.</summary>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (Array.IndexOf(Shared, assemblyName.Name) >= 0)
        {
            return null;
        }

        string? path = resolver.ResolveAssemblyToPath(assemblyName);
        return path is null ? null : LoadFromAssemblyPath(path);
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName)
    {
        string? path = resolver.ResolveUnmanagedDllToPath(unmanagedDllName);
        return path is null ? 0 : LoadUnmanagedDllFromPath(path);
    }
}
