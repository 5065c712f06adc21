using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sip.Interop;

namespace Sip.Transports;

/// <summary>A connection whose octets are encrypted on their way. Nothing passes before the handshake has ended and the peer has proved its name.</summary>
internal sealed class TlsConnection : SocketConnection
{
    private readonly TlsTransport transport;
    private readonly TlsContexts contexts;
    private readonly ContinueReading continueReading;
    private TlsSession? session;
    private IReadOnlyList<string> identities = [];
    private IReadOnlyList<string> subjects = [];
    private bool shaken;
    private bool waitsForRoom;
    private bool readWaitsForRoom;

    public TlsConnection(TlsTransport transport, Socket socket, in SipAddress local, in SipAddress remote, bool accepted, string peerName)
        : base(transport, socket, local, remote, accepted, handshakes: true)
    {
        this.transport = transport;
        contexts = transport.Credentials.Contexts;
        continueReading = new ContinueReading(this);
        PeerName = peerName;
    }

    public override string PeerName { get; }

    public override IReadOnlyList<string> PeerIdentities => identities;

    public override IReadOnlyList<string> PeerSubjects => subjects;

    public override void OnAdopted()
    {
        session = TlsSession.Accept(contexts.Accepting, Socket.Handle);
        if (session is null)
        {
            Close(CloseReason.Error);
        }
    }

    // RFC 5923: what the peer opened carries our requests to a domain only if the peer has proved to be that domain.
    protected internal override bool MayServe(string peerName) =>
        !IsAccepted || !transport.Credentials.Settings.VerifyOutgoing || SipIdentities.Contain(identities, peerName);

    protected override void OnConnected()
    {
        session = TlsSession.Connect(contexts.Connecting!, Socket.Handle, TlsTransport.ServerNameOf(PeerName));
        if (session is null)
        {
            Close(CloseReason.Error);
            return;
        }

        HandshakeBegan();
        Handshake();
    }

    protected override void OnStreamReady(LoopEvents ready)
    {
        if (!shaken)
        {
            Handshake();
            return;
        }

        if ((ready & LoopEvents.Write) != 0)
        {
            Drain();
        }

        if ((ready & (LoopEvents.Read | LoopEvents.Error)) != 0 || readWaitsForRoom)
        {
            Read();
        }
    }

    protected override int Write(ReadOnlySpan<byte> octets) => session!.Write(octets, out int written) switch
    {
        TlsStep.Done => written,
        TlsStep.WantWrite or TlsStep.WantRead => 0,
        _ => -1,
    };

    protected override void WaitForRoom(bool wait)
    {
        waitsForRoom = wait;
        WatchSocket();
    }

    protected override void ShutdownWrite()
    {
        session!.End();
        base.ShutdownWrite();
    }

    protected override void CloseStream()
    {
        if (!shaken && IsAccepted)
        {
            transport.HandshakeOver();
        }

        if (shaken && CloseReason is not (CloseReason.Error or CloseReason.ClosedByPeer))
        {
            session!.End();
        }

        session?.Dispose();
        base.CloseStream();
    }

    private void WatchSocket() =>
        Watch(waitsForRoom || readWaitsForRoom ? LoopEvents.Read | LoopEvents.Write : LoopEvents.Read);

    private void Handshake()
    {
        switch (contexts.Handshake(session!))
        {
            case TlsStep.Done:
                EndHandshake();
                break;
            case TlsStep.WantRead:
                Watch(LoopEvents.Read);
                break;
            case TlsStep.WantWrite:
                Watch(LoopEvents.Write);
                break;
            case TlsStep.Ended:
            case TlsStep.Failed:
            default:
                string? distrust = session!.TrustFault;
                SipLog.HandshakeFailed(Loop.Logger, this, distrust ?? session.Error);
                Close(distrust is null ? CloseReason.HandshakeFailed : CloseReason.NotTrusted);
                break;
        }
    }

    private void EndHandshake()
    {
        ReadIdentities();

        // RFC 5922 7.3: "If the server is not authenticated, the client MUST close the connection immediately."
        if (!IsAccepted && transport.Credentials.Settings.VerifyOutgoing && !SipIdentities.Contain(identities, PeerName))
        {
            SipLog.WrongName(Loop.Logger, Remote, PeerName, string.Join(", ", identities));
            Close(CloseReason.NotTrusted);
            return;
        }

        if (IsAccepted)
        {
            transport.HandshakeOver();
        }

        shaken = true;
        Opened(IsAccepted ? Local : StreamSockets.LocalOf(Socket));
        WatchSocket();

        // The first message may have come with the end of the handshake, and wait within OpenSSL.
        Read();
    }

    private void ReadIdentities()
    {
        TlsSettings settings = transport.Credentials.Settings;
        bool verified = IsAccepted ? settings.ClientCertificates != ClientCertificateRule.NotAsked : settings.VerifyOutgoing;
        if (!verified)
        {
            return;
        }

        try
        {
            using X509Certificate2? certificate = session!.PeerCertificate;
            if (certificate is not null)
            {
                identities = SipIdentities.Of(certificate);
                subjects = IsAccepted ? SipIdentities.SubjectsOf(certificate) : [];
            }
        }
        catch (CryptographicException)
        {
            // Verified, and yet .NET cannot read it: it stands for no domain.
        }
    }

    private void Read()
    {
        // OpenSSL may hold octets that the socket no longer announces: it is read until it says that there are none, or read on later.
        for (int i = 0; i < MaxReads && CloseReason == CloseReason.None; i++)
        {
            TlsStep step = session!.Read(Scratch, out int count);
            bool wantsRoom = step == TlsStep.WantWrite;
            if (wantsRoom != readWaitsForRoom)
            {
                readWaitsForRoom = wantsRoom;
                WatchSocket();
            }

            switch (step)
            {
                case TlsStep.Done:
                    Receive(Scratch.AsSpan(0, count));
                    break;
                case TlsStep.WantRead:
                case TlsStep.WantWrite:
                    return;
                case TlsStep.Ended:
                    ReceiveEnd();
                    return;
                case TlsStep.Failed:
                default:
                    Close(CloseReason.Error);
                    return;
            }
        }

        if (CloseReason == CloseReason.None)
        {
            Loop.Post(continueReading);
        }
    }

    private sealed class ContinueReading(TlsConnection connection) : LoopWork
    {
        protected internal override void Run(EventLoop loop)
        {
            if (connection.CloseReason == CloseReason.None)
            {
                connection.Read();
            }
        }
    }
}
