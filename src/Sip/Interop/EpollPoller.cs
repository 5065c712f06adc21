using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Sip.Interop;

/// <summary>Waits with <c>epoll</c>, level-triggered, and is woken by an <c>eventfd</c>.</summary>
internal sealed unsafe class EpollPoller : ILoopPoller
{
    private const int MaxEvents = 128;
    private const ulong WakeToken = ulong.MaxValue;

    // struct epoll_event is packed on x86 only.
    private static readonly int Stride = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int TokenOffset = Stride - 8;

    private readonly int epoll;
    private readonly int wake;
    private readonly byte* events;
    private readonly Dictionary<nint, int> slots = [];
    private readonly List<Slot> table = [];
    private readonly Stack<int> free = [];
    private int found;

    public EpollPoller()
    {
        epoll = Check(Libc.EpollCreate(Libc.EpollCloseOnExec));
        wake = Check(Libc.EventFd(0, Libc.EventFdFlags));
        events = (byte*)NativeMemory.AllocZeroed((nuint)(MaxEvents * Stride));
        Control(Libc.EpollCtlAdd, wake, Libc.EpollIn, WakeToken);
    }

    public void Add(Socket socket, ILoopSource source, LoopEvents interest)
    {
        if (!free.TryPop(out int slot))
        {
            slot = table.Count;
            table.Add(default);
        }

        // The generation tells an event of a closed socket from one of the socket that took over its slot.
        uint generation = table[slot].Generation + 1;
        table[slot] = new Slot(source, generation);
        slots.Add(socket.Handle, slot);
        Control(Libc.EpollCtlAdd, (int)socket.Handle, Mask(interest), Token(slot));
    }

    public void Change(Socket socket, LoopEvents interest) =>
        Control(Libc.EpollCtlMod, (int)socket.Handle, Mask(interest), Token(slots[socket.Handle]));

    public void Remove(Socket socket)
    {
        if (slots.Remove(socket.Handle, out int slot))
        {
            table[slot] = table[slot] with { Source = null };
            free.Push(slot);
            byte* none = stackalloc byte[16];
            _ = Libc.EpollCtl(epoll, Libc.EpollCtlDel, (int)socket.Handle, none);
        }
    }

    public int Wait(int milliseconds)
    {
        found = Libc.EpollWait(epoll, events, MaxEvents, milliseconds);
        if (found < 0)
        {
            found = 0;
            int error = Marshal.GetLastPInvokeError();
            if (error != Libc.EIntr)
            {
                throw new Win32Exception(error);
            }
        }

        return found;
    }

    public ILoopSource? Ready(int index, out LoopEvents ready)
    {
        ready = LoopEvents.None;
        ReadOnlySpan<byte> e = new(events + (index * Stride), Stride);
        uint mask = MemoryMarshal.Read<uint>(e);
        ulong token = MemoryMarshal.Read<ulong>(e[TokenOffset..]);
        if (token == WakeToken)
        {
            ulong count;
            _ = Libc.Read(wake, &count, sizeof(ulong));
            return null;
        }

        Slot slot = table[(int)(uint)token];
        if (slot.Generation != (uint)(token >> 32))
        {
            return null;
        }

        ready |= (mask & (Libc.EpollIn | Libc.EpollHup | Libc.EpollRdHup)) != 0 ? LoopEvents.Read : LoopEvents.None;
        ready |= (mask & Libc.EpollOut) != 0 ? LoopEvents.Write : LoopEvents.None;
        ready |= (mask & Libc.EpollErr) != 0 ? LoopEvents.Error : LoopEvents.None;
        return slot.Source;
    }

    public void Wake()
    {
        ulong one = 1;
        _ = Libc.Write(wake, &one, sizeof(ulong));
    }

    public void Dispose()
    {
        _ = Libc.Close(epoll);
        _ = Libc.Close(wake);
        NativeMemory.Free(events);
    }

    private static uint Mask(LoopEvents interest) =>
        ((interest & LoopEvents.Read) != 0 ? Libc.EpollIn : 0) | ((interest & LoopEvents.Write) != 0 ? Libc.EpollOut : 0);

    private static int Check(int result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());

    private ulong Token(int slot) => (uint)slot | ((ulong)table[slot].Generation << 32);

    private void Control(int operation, int fd, uint mask, ulong token)
    {
        byte* e = stackalloc byte[16];
        Span<byte> span = new(e, 16);
        MemoryMarshal.Write(span, mask);
        MemoryMarshal.Write(span[TokenOffset..], token);
        Check(Libc.EpollCtl(epoll, operation, fd, e));
    }

    private readonly record struct Slot(ILoopSource? Source, uint Generation);
}
