using Microsoft.Extensions.Logging;
using NLog.Config;
using NLog.Extensions.Logging;
using Sip.B2bua.Configuration;

namespace Sip.B2bua.Daemon;

/// <summary>NLog as the one that writes the log: its file beside the configuration, or beside the program, says where and how.</summary>
internal sealed class Logging : IDisposable
{
    private const string FileName = "nlog.config";
    private readonly NLog.LogFactory factory = new();
    private readonly bool debug;

    /// <summary>Sets the log up.</summary>
    public Logging(StartOptions options, ServerOptions server)
    {
        debug = options.Debug;
        var beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(options.File)) ?? "/", FileName);
        var file = File.Exists(beside) ? beside : Path.Combine(AppContext.BaseDirectory, FileName);
        if (File.Exists(file))
        {
            factory.Configuration = new XmlLoggingConfiguration(file, factory);
        }

        Apply(server);
        Loggers = LoggerFactory.Create(builder => builder
            .SetMinimumLevel(LogLevel.Trace)
            .AddProvider(new NLogLoggerProvider(new NLogProviderOptions { ShutdownOnDispose = false }, factory)));
    }

    /// <summary>Makes loggers.</summary>
    public ILoggerFactory Loggers { get; }

    /// <summary>Takes over level and folder, at the start and when the configuration was read again; log files are opened anew.</summary>
    public void Apply(ServerOptions server)
    {
        if (factory.Configuration is { } configuration)
        {
            configuration.Variables["log-directory"] = server.LogDirectory;
            configuration.Variables["log-level"] = debug ? "Debug" : Level(server.LogLevel);
            factory.ReconfigExistingLoggers();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Loggers.Dispose();
        factory.Shutdown();
        factory.Dispose();
    }

    private static string Level(string word) => word switch
    {
        "trace" => "Trace",
        "debug" => "Debug",
        "warning" => "Warn",
        "error" => "Error",
        _ => "Info",
    };
}
