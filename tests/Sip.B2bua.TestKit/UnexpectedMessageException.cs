namespace Sip.B2bua.TestKit;

/// <summary>A <see cref="TestPhone"/> got another message than the test says, or none.</summary>
public sealed class UnexpectedMessageException : Exception
{
    /// <summary>Makes one.</summary>
    public UnexpectedMessageException()
    {
    }

    /// <summary>Makes one that tells what was expected and what came.</summary>
    public UnexpectedMessageException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one that has a cause.</summary>
    public UnexpectedMessageException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
