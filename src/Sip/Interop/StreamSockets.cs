using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Sip.Transports;

namespace Sip.Interop;

/// <summary>
/// Opening and accepting non-blocking stream sockets with errors as values; .NET's own calls throw where nothing waits.
/// </summary>
internal static unsafe class StreamSockets
{
    public static Socket Listen(IPEndPoint bind)
    {
        Socket socket = new(bind.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        try
        {
            if (bind.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = false;
            }

            if (OperatingSystem.IsLinux())
            {
                Span<byte> on = stackalloc byte[4];
                MemoryMarshal.Write(on, 1);
                socket.SetRawSocketOption(Libc.SolSocket, Libc.SoReusePort, on);
            }

            socket.Bind(bind);
            socket.Listen(1024);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Accepts one connection; null with the error, EAGAIN if none waits.</summary>
    public static Socket? Accept(Socket listener, out int error)
    {
        error = 0;
        if (!OperatingSystem.IsLinux())
        {
            return AcceptPortably(listener, out error);
        }

        int fd = Libc.Accept((int)listener.Handle, null, null, Libc.SockNonBlock | Libc.SockCloseOnExec);
        if (fd < 0)
        {
            error = Marshal.GetLastPInvokeError();
            return null;
        }

        return Ready(new Socket(new SafeSocketHandle(fd, ownsHandle: true)));
    }

    /// <summary>Begins to connect; null with the error if that fails at once. The socket becomes writable when it is decided.</summary>
    public static Socket? Connect(in SipAddress local, in SipAddress remote, out int error)
    {
        error = 0;
        Socket socket = new(remote.IsIPv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            Ready(socket);
            if (!local.IsAny)
            {
                socket.Bind(local.WithPort(0).ToEndPoint());
            }

            error = OperatingSystem.IsLinux() ? ConnectOnLinux(socket, remote) : ConnectPortably(socket, remote);
        }
        catch (SocketException e)
        {
            error = e.ErrorCode;
        }

        if (error == 0)
        {
            return socket;
        }

        socket.Dispose();
        return null;
    }

    /// <summary>How a connect has ended: 0 if well.</summary>
    public static int ConnectResult(Socket socket) => (int)(socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error) ?? 0);

    public static SipAddress LocalOf(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
        {
            return socket.LocalEndPoint is IPEndPoint local ? SipAddress.From(local) : default;
        }

        byte* name = stackalloc byte[SocketAddressBytes.MaxLength];
        uint length = SocketAddressBytes.MaxLength;
        return Libc.GetSocketName((int)socket.Handle, name, &length) == 0
            ? SocketAddressBytes.Read(new ReadOnlySpan<byte>(name, (int)length))
            : default;
    }

    public static SipAddress RemoteOf(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
        {
            return socket.RemoteEndPoint is IPEndPoint remote ? SipAddress.From(remote) : default;
        }

        byte* name = stackalloc byte[SocketAddressBytes.MaxLength];
        uint length = SocketAddressBytes.MaxLength;
        return Libc.GetPeerName((int)socket.Handle, name, &length) == 0
            ? SocketAddressBytes.Read(new ReadOnlySpan<byte>(name, (int)length))
            : default;
    }

    // Nagle's algorithm would hold back a small response behind another that is not acknowledged yet.
    private static Socket Ready(Socket socket)
    {
        socket.Blocking = false;
        socket.NoDelay = true;
        return socket;
    }

    private static int ConnectOnLinux(Socket socket, in SipAddress remote)
    {
        byte* name = stackalloc byte[SocketAddressBytes.MaxLength];
        int length = SocketAddressBytes.Write(remote, new Span<byte>(name, SocketAddressBytes.MaxLength));
        if (Libc.Connect((int)socket.Handle, name, (uint)length) == 0)
        {
            return 0;
        }

        int error = Marshal.GetLastPInvokeError();
        return error == Libc.EInProgress ? 0 : error;
    }

    private static int ConnectPortably(Socket socket, in SipAddress remote)
    {
        try
        {
            socket.Connect(remote.ToEndPoint());
            return 0;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress ? 0 : e.ErrorCode;
        }
    }

    private static Socket? AcceptPortably(Socket listener, out int error)
    {
        error = Libc.EAgain;
        if (!listener.Poll(0, SelectMode.SelectRead))
        {
            return null;
        }

        try
        {
            error = 0;
            return Ready(listener.Accept());
        }
        catch (SocketException e)
        {
            error = e.ErrorCode;
            return null;
        }
    }
}
