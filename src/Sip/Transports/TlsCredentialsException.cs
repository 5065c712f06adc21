namespace Sip.Transports;

/// <summary>A listening point cannot be opened, because of its certificates; the message is a sentence for the administrator.</summary>
public sealed class TlsCredentialsException : Exception
{
    /// <summary>Makes the exception.</summary>
    public TlsCredentialsException()
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">Which file, and what is wrong with it.</param>
    public TlsCredentialsException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">Which file, and what is wrong with it.</param>
    /// <param name="innerException">What it came from.</param>
    public TlsCredentialsException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
