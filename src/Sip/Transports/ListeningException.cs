namespace Sip.Transports;

/// <summary>The server cannot listen everywhere it was told to. The message holds every fault, one a line, and is meant for the administrator.</summary>
public sealed class ListeningException : Exception
{
    /// <summary>Makes the exception.</summary>
    public ListeningException()
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">Where the server cannot listen, and why.</param>
    public ListeningException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">Where the server cannot listen, and why.</param>
    /// <param name="innerException">What it came from.</param>
    public ListeningException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="faults">All that is wrong.</param>
    /// <param name="innerException">The first that is no usual reason, so that its stack is to be seen; null: all are.</param>
    public ListeningException(IReadOnlyList<ListeningFault> faults, Exception? innerException = null)
        : base(string.Join(Environment.NewLine, faults), innerException) => Faults = faults;

    /// <summary>All that is wrong.</summary>
    public IReadOnlyList<ListeningFault> Faults { get; } = [];
}
