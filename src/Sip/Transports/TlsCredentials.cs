using System.Net.Security;
using Microsoft.Extensions.Logging;

namespace Sip.Transports;

/// <summary>
/// The certificates of one listening point, read again when their files change: new connections get the new ones, those that there
/// are stay. Files that cannot be used change nothing but the log. May be used from any thread.
/// </summary>
public sealed class TlsCredentials : IDisposable
{
    private readonly TlsSettings settings;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Lock gate = new();
    private readonly ITimer? timer;
    private volatile TlsContexts contexts;
    private volatile SslStreamCertificateContext[]? platform;
    private DateTime[] stamps;

    private TlsCredentials(TlsSettings settings, TlsContexts contexts, DateTime[] stamps, TimeProvider time, ILogger logger)
    {
        this.settings = settings;
        this.contexts = contexts;
        this.stamps = stamps;
        this.time = time;
        this.logger = logger;
        if (settings.CheckInterval > TimeSpan.Zero)
        {
            timer = time.CreateTimer(static state => ((TlsCredentials)state!).Check(), this, settings.CheckInterval, settings.CheckInterval);
        }
    }

    /// <summary>What they were made of.</summary>
    public TlsSettings Settings => settings;

    internal TlsContexts Contexts => contexts;

    /// <summary>Reads the files and begins to watch them.</summary>
    /// <param name="settings">Which files.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where changes are reported.</param>
    /// <exception cref="TlsCredentialsException">A file cannot be used.</exception>
    public static TlsCredentials Open(TlsSettings settings, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(time);

        // First the stamps: a file that changes in between is read once more.
        DateTime[] stamps = StampsOf(settings);
        TlsContexts contexts = TlsContexts.TryMake(settings, time.GetUtcNow(), out string fault) ?? throw new TlsCredentialsException(fault);
        return new TlsCredentials(settings, contexts, stamps, time, logger);
    }

    /// <summary>Says in a sentence why the settings cannot be used; null if they can.</summary>
    /// <param name="settings">Which files.</param>
    /// <param name="now">The time at which no certificate must have expired.</param>
    public static string? FaultOf(TlsSettings settings, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(settings);
        using TlsContexts? made = TlsContexts.TryMake(settings, now, out string fault);
        return made is null ? fault : null;
    }

    /// <summary>The certificate for a server name, in the form that .NET's own TLS takes; the first one for an unknown name.</summary>
    /// <param name="name">The name that the peer asks for, or null.</param>
    public SslStreamCertificateContext ForName(string? name)
    {
        lock (gate)
        {
            TlsContexts current = contexts;
            platform ??= [.. current.Certificates.Select(c => SslStreamCertificateContext.Create(c.Leaf, [.. c.Issuers], offline: true))];
            for (int i = 0; name is not null && i < platform.Length; i++)
            {
                if (current.Certificates[i].Serves(name))
                {
                    return platform[i];
                }
            }

            return platform[0];
        }
    }

    /// <summary>Looks whether the files have changed, and reads them again if so. Called by the timer.</summary>
    public void Check()
    {
        try
        {
            lock (gate)
            {
                DateTime[] now = StampsOf(settings);
                if (!now.AsSpan().SequenceEqual(stamps))
                {
                    stamps = now;
                    ReadAgain();
                }
            }
        }
        catch (Exception e)
        {
            // No exception leaves a timer; the next turn looks again.
            SipLog.CertificatesKept(logger, e.Message);
        }
    }

    /// <summary>Ends the watch. The contexts are left to the collector: another loop may be about to accept with them.</summary>
    public void Dispose() => timer?.Dispose();

    private void ReadAgain()
    {
        if (TlsContexts.TryMake(settings, time.GetUtcNow(), out string fault) is { } changed)
        {
            contexts = changed;
            platform = null;
            foreach (TlsCertificate certificate in changed.Certificates)
            {
                SipLog.CertificateChanged(logger, certificate.Leaf);
            }
        }
        else
        {
            SipLog.CertificatesKept(logger, fault);
        }
    }

    // The time of the last change; of a missing file one that no file has.
    private static DateTime[] StampsOf(TlsSettings settings) =>
        [.. settings.Certificates.SelectMany(files => new[] { files.Chain, files.Key }).Append(settings.AuthoritiesFile)
            .Where(path => path.Length > 0)
            .Select(File.GetLastWriteTimeUtc)];
}
