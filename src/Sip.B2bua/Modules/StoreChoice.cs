using System.Reflection;

namespace Sip.B2bua.Modules;

/// <summary>
/// Decides which store serves each interface: the one that a setting marked <see cref="ChoosesAttribute"/> names, else the
/// only one there is. A store that is not chosen is left out of the composition, so whoever imports the interface gets the
/// chosen one and the others are never made.
/// </summary>
internal sealed class StoreChoice(IReadOnlyList<StoreEntry> stores, Func<Type, object?> valueOf)
{
    private readonly Dictionary<Type, (string Name, string Setting)> named = [];
    private readonly List<string> faults = [];

    /// <summary>What cannot be decided, each in a sentence.</summary>
    public IReadOnlyList<string> Faults => faults;

    /// <summary>Reads the choices that one options class makes.</summary>
    /// <param name="options">The class.</param>
    /// <param name="section">Its section, for the sentence when the choice cannot be met.</param>
    /// <param name="fallback">Whether it only decides what nothing read before has decided: the section of a module that takes no part.</param>
    public void Read(Type options, string section, bool fallback = false)
    {
        foreach (PropertyInfo property in options.GetProperties())
        {
            if (property.GetCustomAttribute<ChoosesAttribute>() is not ChoosesAttribute chooses)
            {
                continue;
            }

            string? name = valueOf(options) is object value ? property.GetValue(value) as string : null;
            if (string.IsNullOrEmpty(name))
            {
                continue;
            }

            string setting = $"{property.Name} of [{section}]";
            if (!named.TryAdd(chooses.Contract, (name, setting)) && !fallback
                && !string.Equals(named[chooses.Contract].Name, name, StringComparison.OrdinalIgnoreCase))
            {
                (string other, string where) = named[chooses.Contract];
                faults.Add($"{setting} chooses the {chooses.Contract.Name} \"{name}\", but {where} chooses \"{other}\"; there can be only one.");
            }
        }
    }

    /// <summary>The stores that were not chosen.</summary>
    public HashSet<Type> LeftOut()
    {
        HashSet<Type> left = [];
        foreach (IGrouping<Type, StoreEntry> group in stores.GroupBy(store => store.Contract))
        {
            StoreEntry? chosen = Choose(group.Key, [.. group]);
            left.UnionWith(group.Where(store => store != chosen).Select(store => store.Type));
        }

        foreach ((Type contract, (string name, string setting)) in named)
        {
            if (!stores.Any(store => store.Contract == contract))
            {
                faults.Add($"{setting} chooses the {contract.Name} \"{name}\", but no plug-in brings any.");
            }
        }

        return left;
    }

    private StoreEntry? Choose(Type contract, StoreEntry[] choices)
    {
        string all = string.Join(", ", choices.Select(store => store.Name));
        if (!named.TryGetValue(contract, out (string Name, string Setting) choice))
        {
            if (choices.Length > 1)
            {
                faults.Add($"There are several stores for {contract.Name} ({all}), and no setting chooses one.");
            }

            return choices[0];
        }

        StoreEntry? chosen = Array.Find(choices, store => string.Equals(store.Name, choice.Name, StringComparison.OrdinalIgnoreCase));
        if (chosen is null)
        {
            faults.Add($"{choice.Setting} chooses the {contract.Name} \"{choice.Name}\", which no plug-in brings; there is: {all}.");
        }

        return chosen;
    }
}
