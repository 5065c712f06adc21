namespace Sip.B2bua;

/// <summary>
/// The current settings of one section. The options object never changes: when the file is read again a new one takes its
/// place, so whoever needs several values that belong together reads <see cref="Value"/> once.
/// </summary>
/// <typeparam name="T">The options class of the section.</typeparam>
public interface ISettings<out T>
    where T : class
{
    /// <summary>The settings as they are now. Any thread may read it.</summary>
    T Value { get; }

    /// <summary>Raised after <see cref="Value"/> was replaced, on the thread that read the file.</summary>
    event Action? Changed;
}
