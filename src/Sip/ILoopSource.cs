namespace Sip;

/// <summary>Something that a loop polls: a socket with the code that reads and writes it.</summary>
public interface ILoopSource
{
    /// <summary>Called on the loop when the socket is ready. It may have become unready again: every read and write must be able to find nothing.</summary>
    /// <param name="ready">What it is ready for.</param>
    void OnReady(LoopEvents ready);
}

/// <summary>What a source waits for, and what it is ready for.</summary>
[Flags]
public enum LoopEvents
{
    /// <summary>Nothing; an error is reported all the same.</summary>
    None = 0,

    /// <summary>There is something to read, a connection to accept, or the end of the stream.</summary>
    Read = 1,

    /// <summary>There is room to write, or a connect has ended.</summary>
    Write = 2,

    /// <summary>An error waits to be read.</summary>
    Error = 4,
}
