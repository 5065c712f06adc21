namespace Sip.Transports;

/// <summary>Where target resolution asks for names. It belongs to one loop and is used on it only.</summary>
public interface IDnsSource
{
    /// <summary>Looks records up; it completes on the loop, at once where the answer is known.</summary>
    /// <param name="name">The name, with or without a last dot.</param>
    /// <param name="type">The type of the records.</param>
    ValueTask<DnsAnswer> LookUpAsync(string name, DnsType type);

    /// <summary>Whether the machine's own hosts file has the name: then it is a host, whatever a name server would say.</summary>
    /// <param name="name">The name.</param>
    bool IsLocalHost(string name);
}
