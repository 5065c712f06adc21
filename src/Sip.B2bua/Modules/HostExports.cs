using System.Composition.Hosting.Core;
using Microsoft.Extensions.Logging;

namespace Sip.B2bua.Modules;

/// <summary>
/// Gives the host's own objects to the parts that import them: the doors of the contract, and the settings and the logger of
/// any class. Stores come from plug-ins, not from here.
/// </summary>
internal sealed class HostExports : ExportDescriptorProvider
{
    private readonly Dictionary<Type, object> objects = [];
    private readonly Func<Type, object?> settings;
    private readonly ILoggerFactory loggers;

    /// <summary>Prepares the exports.</summary>
    /// <param name="settings">The <see cref="ISettings{T}"/> of an options class, or null when no section has it.</param>
    /// <param name="loggers">Makes the loggers.</param>
    public HostExports(Func<Type, object?> settings, ILoggerFactory loggers)
    {
        this.settings = settings;
        this.loggers = loggers;
        Add(loggers);
    }

    /// <summary>Gives <paramref name="value"/> to whoever imports a <typeparamref name="T"/>.</summary>
    public HostExports Add<T>(T value)
        where T : class
    {
        objects[typeof(T)] = value;
        return this;
    }

    /// <inheritdoc/>
    public override IEnumerable<ExportDescriptorPromise> GetExportDescriptors(CompositionContract contract, DependencyAccessor descriptorAccessor)
    {
        object? value = contract.ContractName is null && contract.MetadataConstraints is null ? Find(contract.ContractType) : null;
        return value is null
            ? NoExportDescriptors
            : [new ExportDescriptorPromise(contract, "the host", true, NoDependencies, _ => ExportDescriptor.Create((_, _) => value, NoMetadata))];
    }

    private object? Find(Type type)
    {
        if (objects.TryGetValue(type, out object? value))
        {
            return value;
        }

        Type? generic = type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : null;
        if (generic == typeof(ISettings<>))
        {
            return settings(type.GenericTypeArguments[0]);
        }

        return generic == typeof(ILogger<>)
            ? Activator.CreateInstance(typeof(Logger<>).MakeGenericType(type.GenericTypeArguments), loggers)
            : null;
    }
}
