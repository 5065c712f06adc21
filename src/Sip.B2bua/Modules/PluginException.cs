namespace Sip.B2bua.Modules;

/// <summary>The server cannot start with these plug-ins. The message holds every fault, one a line, and is meant for the administrator.</summary>
internal sealed class PluginException : Exception
{
    public PluginException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }

    public PluginException(IEnumerable<PluginFault> faults)
        : base(string.Join(Environment.NewLine, faults))
    {
    }
}
