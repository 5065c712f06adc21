using System.Runtime.InteropServices;

namespace Sip.Interop;

/// <summary>Native memory for one batch of datagrams: message headers, vectors, addresses, control messages and the octets themselves.</summary>
internal sealed unsafe class DatagramArena : IDisposable
{
    private const int ControlBytes = 256;

    private readonly Libc.IoVector* vectors;
    private readonly byte* names;
    private readonly byte* controls;
    private readonly byte* octets;

    public DatagramArena(int count, int bytes)
    {
        Messages = (Libc.MultiMessage*)NativeMemory.AllocZeroed((nuint)count, (nuint)sizeof(Libc.MultiMessage));
        vectors = (Libc.IoVector*)NativeMemory.AllocZeroed((nuint)count, (nuint)sizeof(Libc.IoVector));
        names = (byte*)NativeMemory.AllocZeroed((nuint)(count * SocketAddressBytes.MaxLength));
        controls = (byte*)NativeMemory.AllocZeroed((nuint)(count * ControlBytes));

        // Zeroed memory of this size comes straight from the system: only pages that datagrams reach become resident.
        octets = (byte*)NativeMemory.AllocZeroed((nuint)bytes);
    }

    public Libc.MultiMessage* Messages { get; }

    /// <summary>Makes one header ready for a call, its octets at the given place. The kernel has changed its lengths in the last call.</summary>
    public Libc.MessageHeader* Prepare(int index, int start, int length)
    {
        Libc.IoVector* vector = vectors + index;
        vector->Start = octets + start;
        vector->Length = (nuint)length;

        Libc.MultiMessage* message = Messages + index;
        message->Length = 0;
        message->Header.Name = names + (index * SocketAddressBytes.MaxLength);
        message->Header.NameLength = SocketAddressBytes.MaxLength;
        message->Header.Vectors = vector;
        message->Header.VectorCount = 1;
        message->Header.Control = controls + (index * ControlBytes);
        message->Header.ControlLength = ControlBytes;
        message->Header.Flags = 0;
        return &message->Header;
    }

    public void Dispose()
    {
        NativeMemory.Free(Messages);
        NativeMemory.Free(vectors);
        NativeMemory.Free(names);
        NativeMemory.Free(controls);
        NativeMemory.Free(octets);
    }
}
