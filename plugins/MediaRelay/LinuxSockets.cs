using System.Runtime.InteropServices;

namespace Sip.B2bua.Plugins.MediaRelay;

/// <summary>
/// The few system calls of the relay. They are called directly because the platform's own socket type costs more for each
/// packet than the kernel does.
/// </summary>
internal static unsafe partial class LinuxSockets
{
    public const int EpollIn = 1;
    public const int AddressInUse = 98;

    private const string C = "libc";
    private const int Datagram = 2;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int ControlAdd = 1;
    private const int LevelIPv6 = 41;
    private const int IPv6Only = 26;

    // struct epoll_event is packed on x86-64 only.
    private static readonly bool Packed = RuntimeInformation.ProcessArchitecture == Architecture.X64;

    public static int EventSize => Packed ? 12 : 16;

    public static int EventKeyOffset => Packed ? 4 : 8;

    /// <summary>Opens a socket bound to <paramref name="local"/>; below 0, the negative error number.</summary>
    public static int OpenBound(in NativeAddress local)
    {
        int fd = Socket(local.Family, Datagram | NonBlocking | CloseOnExec, 0);
        if (fd < 0)
        {
            return -Marshal.GetLastPInvokeError();
        }

        int yes = 1;
        if (local.Family == NativeAddress.IPv6)
        {
            _ = SetOption(fd, LevelIPv6, IPv6Only, &yes, sizeof(int));
        }

        NativeAddress to = local;
        if (Bind(fd, &to, to.Size) == 0)
        {
            return fd;
        }

        int error = Marshal.GetLastPInvokeError();
        Close(fd);
        return -error;
    }

    public static void Close(int fd) => _ = CloseDescriptor(fd);

    public static int OpenEpoll() => EpollCreate(CloseOnExec);

    public static int OpenEvent() => EventFd(0, NonBlocking | CloseOnExec);

    public static bool Watch(int epoll, int fd)
    {
        byte* entry = stackalloc byte[16];
        *(uint*)entry = EpollIn;
        *(long*)(entry + EventKeyOffset) = fd;
        return EpollControl(epoll, ControlAdd, fd, entry) == 0;
    }

    [LibraryImport(C, EntryPoint = "recvfrom")]
    public static partial nint ReceiveFrom(int fd, byte* buffer, nint size, int flags, NativeAddress* from, int* fromSize);

    [LibraryImport(C, EntryPoint = "sendto")]
    public static partial nint SendTo(int fd, byte* buffer, nint size, int flags, NativeAddress* to, int toSize);

    [LibraryImport(C, EntryPoint = "epoll_wait")]
    public static partial int EpollWait(int epoll, byte* events, int count, int milliseconds);

    [LibraryImport(C, EntryPoint = "read")]
    public static partial nint Read(int fd, void* to, nint size);

    [LibraryImport(C, EntryPoint = "write")]
    public static partial nint Write(int fd, void* from, nint size);

    [LibraryImport(C, EntryPoint = "close")]
    private static partial int CloseDescriptor(int fd);

    [LibraryImport(C, EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int family, int type, int protocol);

    [LibraryImport(C, EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(int fd, NativeAddress* address, int size);

    [LibraryImport(C, EntryPoint = "setsockopt")]
    private static partial int SetOption(int fd, int level, int option, void* value, int size);

    [LibraryImport(C, EntryPoint = "epoll_create1")]
    private static partial int EpollCreate(int flags);

    [LibraryImport(C, EntryPoint = "epoll_ctl")]
    private static partial int EpollControl(int epoll, int operation, int fd, byte* entry);

    [LibraryImport(C, EntryPoint = "eventfd")]
    private static partial int EventFd(uint value, int flags);
}
