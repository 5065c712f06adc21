using System.Collections.Concurrent;
using System.Reflection;

namespace Sip.B2bua.Configuration;

/// <summary>
/// Hands out <see cref="ISettings{T}"/> and replaces what they show when the file was read again. Readers take no lock: a snapshot
/// is one reference.
/// </summary>
internal sealed class LiveSettings(BoundConfiguration configuration)
{
    private static readonly MethodInfo MakeMethod = typeof(LiveSettings).GetMethod(nameof(Make), BindingFlags.NonPublic | BindingFlags.Static)!;
    private readonly ConcurrentDictionary<(string Section, Type Type), Cell> cells = [];

    private BoundConfiguration configuration = configuration;

    /// <summary>Raised after all settings were replaced: for what is no options object, such as the filters of modules.</summary>
    public event Action<BoundConfiguration>? Replaced;

    /// <summary>The configuration in force.</summary>
    public BoundConfiguration Configuration => Volatile.Read(ref configuration);

    /// <summary>The settings of a section; the same object every time.</summary>
    public ISettings<T> For<T>(string section)
        where T : class => (ISettings<T>)For(section, typeof(T));

    /// <summary>The settings of a section as an <see cref="ISettings{T}"/> of a type known at run time only.</summary>
    public object For(string section, Type type) =>
        cells.GetOrAdd((section, type), key => (Cell)MakeMethod.MakeGenericMethod(key.Type).Invoke(null, [Configuration.Get(key.Section, key.Type)])!);

    /// <summary>Shows another configuration from now on, and tells everybody.</summary>
    public void Replace(BoundConfiguration next)
    {
        Volatile.Write(ref configuration, next);
        foreach (var ((section, type), cell) in cells)
        {
            if (next.Has(section, type))
            {
                cell.Replace(next.Get(section, type));
            }
        }

        Replaced?.Invoke(next);
    }

    private static Cell<T> Make<T>(object value)
        where T : class => new Cell<T>((T)value);

    private abstract class Cell
    {
        public abstract void Replace(object value);
    }

    private sealed class Cell<T>(T value) : Cell, ISettings<T>
        where T : class
    {
        private T value = value;

        public event Action? Changed;

        public T Value => Volatile.Read(ref value);

        public override void Replace(object next)
        {
            Volatile.Write(ref value, (T)next);
            Changed?.Invoke();
        }
    }
}
