using Sip.Messages;
using Sip.Transports;

namespace Sip.Interop;

/// <summary>A datagram that waits to be sent; <see cref="Local"/> is the address to send from, or none.</summary>
internal readonly record struct OutgoingDatagram(SipBuffer Message, SipAddress Remote, SipAddress Local);

/// <summary>A bounded ring of datagrams, which grows up to its bound as needed and holds a count of each buffer.</summary>
internal sealed class DatagramQueue(int capacity)
{
    private OutgoingDatagram[] items = new OutgoingDatagram[Math.Min(64, capacity)];
    private int head;

    public int Count { get; private set; }

    public ref readonly OutgoingDatagram this[int index] => ref items[(head + index) % items.Length];

    public bool TryAdd(SipBuffer message, in SipAddress remote, in SipAddress local)
    {
        if (Count == items.Length && !TryGrow())
        {
            return false;
        }

        message.Retain();
        items[(head + Count++) % items.Length] = new OutgoingDatagram(message, remote, local);
        return true;
    }

    /// <summary>Takes the first so many out and releases their buffers.</summary>
    public void Drop(int count)
    {
        for (int i = 0; i < count; i++)
        {
            items[head].Message.Release();
            items[head] = default;
            head = (head + 1) % items.Length;
        }

        Count -= count;
    }

    private bool TryGrow()
    {
        if (items.Length >= capacity)
        {
            return false;
        }

        OutgoingDatagram[] larger = new OutgoingDatagram[Math.Min(items.Length * 2, capacity)];
        for (int i = 0; i < Count; i++)
        {
            larger[i] = this[i];
        }

        items = larger;
        head = 0;
        return true;
    }
}
