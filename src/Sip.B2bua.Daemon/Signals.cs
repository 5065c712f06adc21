using System.Runtime.InteropServices;

namespace Sip.B2bua.Daemon;

/// <summary>SIGTERM and SIGINT ask the server to stop, SIGHUP to read its file again.</summary>
internal sealed class Signals : IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly List<PosixSignalRegistration> registrations = [];

    /// <summary>Listens from now on.</summary>
    public Signals()
    {
        On(PosixSignal.SIGTERM, stop.Cancel);
        On(PosixSignal.SIGINT, stop.Cancel);
        On(PosixSignal.SIGHUP, () => Reload?.Invoke());
    }

    /// <summary>Raised by SIGHUP.</summary>
    public event Action? Reload;

    /// <summary>Cancelled when the server shall stop.</summary>
    public CancellationToken Stop => stop.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        registrations.ForEach(r => r.Dispose());
        stop.Dispose();
    }

    private void On(PosixSignal signal, Action action) => registrations.Add(PosixSignalRegistration.Create(signal, context =>
    {
        // The system's own way would end the process on the spot.
        context.Cancel = true;
        action();
    }));
}
