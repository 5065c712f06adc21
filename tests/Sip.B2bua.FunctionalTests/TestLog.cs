using Microsoft.Extensions.Logging;

namespace Sip.B2bua.FunctionalTests;

/// <summary>Keeps what is logged: "Level category: text".</summary>
internal sealed class TestLog : ILoggerFactory
{
    private readonly List<string> lines = [];

    public IReadOnlyList<string> Lines => lines;

    /// <summary>Forgets what was logged.</summary>
    public void Clear() => lines.Clear();

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }

    private sealed class Category(TestLog log, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.lines.Add($"{logLevel} {name}: {formatter(state, exception)}{(exception is null ? "" : "\n" + exception)}");
    }
}
