using System.Collections.Concurrent;

namespace Sip.B2bua.Plugins.SqliteMessages;

/// <summary>The one thread that touches the database. Work is done in the order in which it was asked for; who asks awaits it.</summary>
internal sealed class DatabaseThread : IDisposable
{
    private readonly BlockingCollection<Action> work = [];
    private readonly Thread thread;

    public DatabaseThread()
    {
        thread = new Thread(Run) { IsBackground = true, Name = "sqlite-messages" };
        thread.Start();
    }

    /// <summary>Has work done on the thread; what it throws is thrown to whoever awaits it.</summary>
    public ValueTask<T> RunAsync<T>(Func<T> what, CancellationToken cancellation)
    {
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        work.Add(
            () =>
            {
                try
                {
                    done.TrySetResult(what());
                }
                catch (Exception fault)
                {
                    // It is the asker's: the thread lives on.
                    done.TrySetException(fault);
                }
            },
            cancellation);
        return new ValueTask<T>(done.Task);
    }

    /// <summary>Finishes what was asked for and ends the thread.</summary>
    public void Dispose()
    {
        work.CompleteAdding();
        thread.Join();
        work.Dispose();
    }

    private void Run()
    {
        foreach (Action one in work.GetConsumingEnumerable())
        {
            one();
        }
    }
}
