using Sip.B2bua.Modules;
using Sip.Messages;

namespace Sip.B2bua.Tests.Modules;

/// <summary>A server's objects for a module host that has no server.</summary>
internal sealed class TestSurroundings : IRequestSender
{
    public HashSet<string> Disabled { get; } = [];

    public Dictionary<Type, object> Settings { get; } = [];

    public LogLines Log { get; } = new();

    public LocalDomains Domains { get; } = new(new LocalNames());

    public TestSurroundings With<T>(T options)
        where T : class
    {
        Settings[typeof(T)] = new FixedSettings<T>(options);
        return this;
    }

    public HostSurroundings Build() => new()
    {
        SettingsOf = type => Settings.GetValueOrDefault(type),
        FilterOf = entry => new EntryFilter(!Disabled.Contains(entry.Name), BooleanExpression.True),
        LocalDomains = Domains,
        RequestSender = this,
        Loggers = Log,
    };

    public ValueTask<int> SendAsync(SipMethod method, Target target, string from, string to, HeaderWriter? headers, object? state,
        string? contentType, ReadOnlyMemory<byte> body) => new(408);

    private sealed class FixedSettings<T>(T value) : ISettings<T>
        where T : class
    {
        public event Action? Changed
        {
            add { }
            remove { }
        }

        public T Value => value;
    }
}
