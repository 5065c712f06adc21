using System.Composition;

namespace Sip.B2bua;

/// <summary>
/// Exports a class as a module and says where it stands. The name is that of its section, <c>[module::Name]</c>.
/// Add <see cref="SharedAttribute"/>: a module is made once.
/// </summary>
[MetadataAttribute]
[AttributeUsage(AttributeTargets.Class)]
public sealed class SipModuleAttribute : ExportAttribute
{
    /// <summary>Exports the class as the module <paramref name="name"/>, at <paramref name="order"/> within <paramref name="stage"/>.</summary>
    public SipModuleAttribute(string name, Stage stage, int order)
        : base(typeof(SipModule))
    {
        Name = name;
        Stage = stage;
        Order = order;
    }

    /// <summary>The module's name, as in <c>[module::Name]</c>.</summary>
    public string Name { get; }

    /// <summary>The stage in which it sees a request.</summary>
    public Stage Stage { get; }

    /// <summary>Its place within the stage: lower goes first.</summary>
    public int Order { get; }

    /// <summary>The class whose properties marked <see cref="SettingAttribute"/> are the section's settings; null: none of its own.</summary>
    public Type? Options { get; set; }

    /// <summary>Whether the module is on when the section does not say; true unless set.</summary>
    public bool EnabledByDefault { get; set; } = true;

    /// <summary>What it does, in a sentence or two: the section's help in the sample configuration.</summary>
    public string Help { get; set; } = "";
}
