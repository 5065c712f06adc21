namespace Sip.Transports;

/// <summary>What one target resolution has found so far.</summary>
internal sealed class TargetSearch
{
    private TargetProblem problem;

    /// <summary>The ways, in order and each once.</summary>
    public List<TargetWay> Ways { get; } = [];

    /// <summary>Whether the domain has said that it does not offer a service asked for.</summary>
    public bool IsDenied { get; private set; }

    /// <summary>Why nothing was found.</summary>
    public TargetProblem Problem => problem == TargetProblem.None ? TargetProblem.UnknownHost : problem;

    /// <summary>Adds a way.</summary>
    public void Add(SipService service, in SipAddress address)
    {
        TargetWay way = new(service.Token, address);
        if (!Ways.Contains(way))
        {
            Ways.Add(way);
        }
    }

    /// <summary>Adds a way to each address.</summary>
    public void Add(SipService service, List<SipAddress> addresses, int port)
    {
        foreach (SipAddress address in addresses)
        {
            Add(service, address.WithPort(port));
        }
    }

    /// <summary>Notes the way in which a look-up went: silence of the name servers is told, whatever else there was.</summary>
    public void Note(DnsAnswer answer)
    {
        if (answer.Status == DnsStatus.Failed)
        {
            problem = TargetProblem.NoAnswer;
        }
    }

    /// <summary>Notes a reason, if there is none yet.</summary>
    public void Note(TargetProblem reason)
    {
        if (problem == TargetProblem.None)
        {
            problem = reason;
        }
    }

    /// <summary>Notes that the domain does not offer the service.</summary>
    public void Deny()
    {
        IsDenied = true;
        Note(TargetProblem.NoService);
    }
}
