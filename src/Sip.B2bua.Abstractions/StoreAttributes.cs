using System.Composition;

namespace Sip.B2bua;

/// <summary>
/// Exports a class as a store under a name that a setting chooses (see <see cref="ChoosesAttribute"/>), such as the location
/// service <c>internal</c> or the credential store <c>file</c>. Add <see cref="SharedAttribute"/>.
/// </summary>
[MetadataAttribute]
[AttributeUsage(AttributeTargets.Class)]
public sealed class StoreAttribute : ExportAttribute
{
    /// <summary>Exports the class as the implementation <paramref name="name"/> of <paramref name="contract"/>.</summary>
    public StoreAttribute(Type contract, string name)
        : base(contract)
    {
        Contract = contract;
        Name = name;
    }

    /// <summary>The interface of this contract assembly that the class implements.</summary>
    public Type Contract { get; }

    /// <summary>The word by which a configuration chooses it.</summary>
    public string Name { get; }

    /// <summary>The class of its settings; null: none.</summary>
    public Type? Options { get; set; }

    /// <summary>The section that holds its settings; it may be a module's.</summary>
    public string? Section { get; set; }
}

/// <summary>Marks a setting of type string whose value is the name of the store to be used for <paramref name="contract"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ChoosesAttribute(Type contract) : Attribute
{
    /// <summary>The interface for which the setting names the implementation.</summary>
    public Type Contract { get; } = contract;
}
