using System.Reflection;

namespace Sip.B2bua.Configuration;

/// <summary>One parameter of an options class.</summary>
internal sealed class SettingProperty
{
    private readonly PropertyInfo property;

    private SettingProperty(PropertyInfo property, SettingAttribute setting, object defaults)
    {
        this.property = property;
        Setting = setting;
        Key = setting.Name ?? SettingName.Kebab(property.Name);
        Default = SettingGrammar.Write(property.GetValue(defaults), setting);
        Fallbacks = setting.Fallback?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
    }

    /// <summary>What the class says of it.</summary>
    public SettingAttribute Setting { get; }

    /// <summary>The key in the file.</summary>
    public string Key { get; }

    /// <summary>The default, as it would be written.</summary>
    public string Default { get; }

    /// <summary>Older keys that are used when this one is not set.</summary>
    public IReadOnlyList<string> Fallbacks { get; }

    /// <summary>The type of the value.</summary>
    public Type Type => property.PropertyType;

    /// <summary>Every parameter of an options class, in the order of its source.</summary>
    /// <exception cref="InvalidOperationException">A property has a type that no file can hold, or cannot be set: a mistake of the programmer.</exception>
    public static IReadOnlyList<SettingProperty> Of(Type type)
    {
        var defaults = Activator.CreateInstance(type)!;
        var found = new List<SettingProperty>();
        foreach (var property in type.GetProperties().OrderBy(p => p.MetadataToken))
        {
            if (property.GetCustomAttribute<SettingAttribute>() is not { } setting)
            {
                continue;
            }

            if (!SettingGrammar.Knows(property.PropertyType) || !property.CanWrite)
            {
                throw new InvalidOperationException($"{type.Name}.{property.Name} cannot be a setting: its type is unknown, or it has no set or init.");
            }

            found.Add(new SettingProperty(property, setting, defaults));
        }

        return found;
    }

    /// <summary>Reads a value.</summary>
    public SettingReading Read(string text) => SettingGrammar.Read(Type, text, Setting);

    /// <summary>The value that an options object has, as it would be written.</summary>
    public string Written(object options) => SettingGrammar.Write(property.GetValue(options), Setting);

    /// <summary>The value that an options object has.</summary>
    public object? Value(object options) => property.GetValue(options);

    /// <summary>Gives an options object the value.</summary>
    public void Set(object options, object value) => property.SetValue(options, value);
}
