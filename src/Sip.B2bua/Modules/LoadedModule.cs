using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Sip.B2bua.Modules;

/// <summary>A module that was made and takes part.</summary>
internal sealed class LoadedModule(ModuleEntry entry, SipModule module, EntryFilter filter, int index)
{
    private EntryFilter filter = filter;

    public ModuleEntry Entry => entry;

    public string Name => entry.Name;

    public SipModule Module => module;

    /// <summary>Its place among the modules that take part, and its bit in <see cref="SkippedModules"/>.</summary>
    public int Index => index;

    /// <summary>Who enters; replaced as a whole when the configuration is read again.</summary>
    public EntryFilter Filter
    {
        get => Volatile.Read(ref filter);
        set => Volatile.Write(ref filter, value);
    }

    /// <summary>Whether the module's class has its own body for a member of <see cref="SipModule"/>; if not, nobody calls it.</summary>
    /// <param name="member">The member's name.</param>
    [SuppressMessage("Trimming", "IL2075", Justification = "Plug-ins are loaded from files; nothing of them is trimmed.")]
    public bool Overrides(string member)
    {
        MethodInfo method = module.GetType().GetMethod(member, BindingFlags.Public | BindingFlags.Instance)!;
        return method.DeclaringType != typeof(SipModule);
    }
}
