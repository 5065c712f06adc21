using System.Net.Sockets;
using System.Security.Authentication;

namespace Sip.Soak;

/// <summary>One way to trouble the server, repeated on a thread of its own until told to stop.</summary>
internal abstract class Attack(ServerUnderSoak server, int seed, int pauseMilliseconds)
{
    /// <summary>What the report calls it.</summary>
    public abstract string Name { get; }

    /// <summary>What it has done, for the report.</summary>
    public abstract string Done { get; }

    /// <summary>What it threw that no peer can cause, if anything.</summary>
    public Exception? Fault { get; private set; }

    protected ServerUnderSoak Server { get; } = server;

    protected Garbage Garbage { get; } = new(seed);

    protected Random Random => Garbage.Random;

    /// <summary>Repeats the step.</summary>
    public void Run(CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    Step();
                }
                catch (Exception e) when (e is SocketException or IOException or AuthenticationException)
                {
                    // The server has closed, refused or not answered, which is its right.
                }

                stop.WaitHandle.WaitOne(pauseMilliseconds);
            }

            End();
        }
        catch (Exception e)
        {
            Fault = e;
        }
    }

    /// <summary>One round.</summary>
    protected abstract void Step();

    /// <summary>Gives back what it holds.</summary>
    protected abstract void End();
}
