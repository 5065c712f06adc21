namespace Sip.Transports;

/// <summary>
/// The connections of one listening point over all loops: finds one to reuse and keeps the limits. It has a lock, because it is asked
/// only when a connection begins or ends, never for a message.
/// </summary>
internal sealed class ConnectionTable(TransportOptions options)
{
    private readonly Lock gate = new();
    // With TLS one address may serve several domains, each with its own certificate: the name is part of the key.
    private readonly Dictionary<(SipAddress Remote, string PeerName), StreamConnection> byRemote = [];
    private readonly Dictionary<SipAddress, int> acceptedFrom = [];
    private int count;

    public int Count
    {
        get
        {
            lock (gate)
            {
                return count;
            }
        }
    }

    /// <summary>
    /// An open or opening connection to exactly that address, whoever of the two opened it: one that was opened for that name, or
    /// one that the peer opened and that may serve the name.
    /// </summary>
    public StreamConnection? Find(in SipAddress remote, string peerName)
    {
        lock (gate)
        {
            if (byRemote.TryGetValue((remote, peerName), out StreamConnection? connection) && connection.IsAlive && connection.MayServe(peerName))
            {
                return connection;
            }

            return peerName.Length > 0 && byRemote.TryGetValue((remote, string.Empty), out connection) && connection.IsAlive && connection.MayServe(peerName)
                ? connection
                : null;
        }
    }

    /// <summary>Whether one more connection from that address may be accepted.</summary>
    public bool MayAccept(in SipAddress remote)
    {
        lock (gate)
        {
            return count < options.MaxConnections && acceptedFrom.GetValueOrDefault(remote.WithPort(0)) < options.MaxConnectionsPerAddress;
        }
    }

    /// <summary>Adds a connection; false if the limit is reached or there is one to the same address already.</summary>
    public bool TryAdd(StreamConnection connection)
    {
        SipAddress remote = connection.Remote;
        lock (gate)
        {
            if (count >= options.MaxConnections || (byRemote.TryGetValue((remote, connection.PeerName), out StreamConnection? other) && other.IsAlive))
            {
                return false;
            }

            byRemote[(remote, connection.PeerName)] = connection;
            count++;
            if (connection.IsAccepted)
            {
                SipAddress host = remote.WithPort(0);
                acceptedFrom[host] = acceptedFrom.GetValueOrDefault(host) + 1;
            }

            return true;
        }
    }

    public void Remove(StreamConnection connection)
    {
        SipAddress remote = connection.Remote;
        lock (gate)
        {
            count--;
            if (byRemote.TryGetValue((remote, connection.PeerName), out StreamConnection? known) && ReferenceEquals(known, connection))
            {
                byRemote.Remove((remote, connection.PeerName));
            }

            SipAddress host = remote.WithPort(0);
            if (connection.IsAccepted && acceptedFrom.TryGetValue(host, out int open))
            {
                if (open > 1)
                {
                    acceptedFrom[host] = open - 1;
                }
                else
                {
                    acceptedFrom.Remove(host);
                }
            }
        }
    }
}
