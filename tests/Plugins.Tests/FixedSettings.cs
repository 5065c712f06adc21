using Sip.B2bua;

namespace Plugins.Tests;

/// <summary>Settings that a test makes.</summary>
internal sealed class FixedSettings<T>(T value) : ISettings<T>
    where T : class
{
    public event Action? Changed;

    public T Value { get; private set; } = value;

    public void Set(T next)
    {
        Value = next;
        Changed?.Invoke();
    }
}
