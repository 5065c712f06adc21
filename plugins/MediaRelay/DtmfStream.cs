using System.Buffers.Binary;
using System.Collections.Concurrent;

namespace Sip.B2bua.Plugins.MediaRelay;

/// <summary>
/// The RTP towards one party where keys are converted: puts telephone events (RFC 4733) in the place of the other party's audio, and
/// takes out those that become INFO. The sequence numbers stay without a gap and the source stays the same, so that the party sees one
/// stream. There is one only where the setting asks for it; but for <see cref="Play"/> and <see cref="Stop"/> it belongs to the relay thread.
/// </summary>
internal sealed unsafe class DtmfStream(RelaySocket socket, RelayThread thread, TimeProvider time, DtmfMode mode, Action<DtmfTone> heard)
{
    private const int HeaderSize = 12;
    private const int PacketSize = HeaderSize + 4;
    private const int Interval = 20;
    private const int Ends = 3;
    private const int PauseTurns = 3;
    private const int MaxWaiting = 32;
    private const byte Volume = 10;

    private readonly ConcurrentQueue<DtmfTone> waiting = new();
    private readonly Lock gate = new();
    private ITimer? clock;
    private volatile DtmfFormat? format;
    private volatile bool stopped;
    private volatile bool hearsEvents;

    // What the party was sent last.
    private bool known;
    private uint source;
    private ushort sequence;
    private ushort shift;
    private uint timestamp;
    private long sentAt;

    // The event that is being sent.
    private DtmfTone tone;
    private bool playing;
    private uint start;
    private int duration;
    private int endsLeft;
    private int pause;

    // The event that is being heard.
    private bool listening;
    private long heardStart = -1;
    private byte heardEvent;
    private int heardDuration;

    /// <summary>How the party wants its events; null: it wants none.</summary>
    public DtmfFormat? Format
    {
        get => format;
        set => format = value;
    }

    /// <summary>Sends a key as soon as those before it were sent. False: the party takes none. Safe from any thread.</summary>
    public bool Play(DtmfTone next)
    {
        if (format is null || stopped || mode == DtmfMode.RtpToInfo)
        {
            return false;
        }

        if (hearsEvents || waiting.Count >= MaxWaiting)
        {
            return true; // the phone sends its keys in both ways: one is enough
        }

        waiting.Enqueue(next);
        lock (gate)
        {
            clock ??= time.CreateTimer(_ => thread.Post(this), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(Interval));
        }

        return true;
    }

    /// <summary>The channel is about to be closed. Safe from any thread.</summary>
    public void Stop()
    {
        stopped = true;
        StopClock();
    }

    /// <summary>One RTP packet of the other party.</summary>
    public void Forward(byte* packet, int length, long now)
    {
        if (length < HeaderSize || (packet[0] & 0xC0) != 0x80)
        {
            socket.Send(packet, length, isRtp: true);
            return;
        }

        Span<byte> head = new(packet, HeaderSize);
        uint from = BinaryPrimitives.ReadUInt32BigEndian(head[8..]);
        if (!known || from != source)
        {
            source = from;
            shift = 0;
            known = true;
            heardStart = -1;
        }

        bool isEvent = format is { } wanted && (head[1] & 0x7F) == wanted.PayloadType;
        bool takenOut = isEvent && Hear(packet, length);
        timestamp = BinaryPrimitives.ReadUInt32BigEndian(head[4..]);
        sentAt = now;
        if (takenOut || playing)
        {
            shift--; // RFC 4733 2.6: an event stands in the place of the audio
            return;
        }

        ushort given = BinaryPrimitives.ReadUInt16BigEndian(head[2..]);
        ushort written = (ushort)(given + shift);
        BinaryPrimitives.WriteUInt16BigEndian(head[2..], written);
        socket.Send(packet, length, isRtp: true);
        BinaryPrimitives.WriteUInt16BigEndian(head[2..], given);
        if ((short)(written - sequence) > 0 || shift == 0)
        {
            sequence = written;
        }
    }

    /// <summary>Sends the next packet of an event.</summary>
    public void Tick(long now)
    {
        if (stopped || format is not { } wanted)
        {
            StopClock();
            return;
        }

        if (!playing && !TryBegin(wanted, now))
        {
            return;
        }

        int whole = int.Min(tone.Milliseconds * (wanted.ClockRate / 1000), ushort.MaxValue);
        duration = int.Min(duration + (Interval * (wanted.ClockRate / 1000)), whole);
        bool isEnd = duration >= whole;
        Send(wanted.PayloadType, isFirst: endsLeft == Ends && duration <= Interval * (wanted.ClockRate / 1000), isEnd);

        // 2.5.1.4: the last packet is sent three times.
        if (isEnd && --endsLeft == 0)
        {
            playing = false;
            pause = PauseTurns;
            timestamp = start + (uint)duration;
            sentAt = now;
        }
    }

    private bool TryBegin(DtmfFormat wanted, long now)
    {
        if (pause > 0)
        {
            pause--; // a key that is pressed twice must not become one
            return false;
        }

        if (!waiting.TryDequeue(out tone))
        {
            lock (gate)
            {
                if (waiting.IsEmpty)
                {
                    clock?.Dispose();
                    clock = null;
                }
            }

            return false;
        }

        if (!known)
        {
            // RFC 3550 5.1: all three begin anywhere.
            source = (uint)Random.Shared.NextInt64();
            sequence = (ushort)Random.Shared.Next();
            timestamp = (uint)Random.Shared.NextInt64();
            sentAt = now;
            known = true;
        }

        // 2.5.1.2: the time stamp is that of the event's begin, in all its packets.
        start = timestamp + (uint)((now - sentAt) * (wanted.ClockRate / 1000)) + 1;
        duration = 0;
        endsLeft = Ends;
        playing = true;
        return true;
    }

    private void Send(int payloadType, bool isFirst, bool isEnd)
    {
        byte* packet = stackalloc byte[PacketSize];
        Span<byte> octets = new(packet, PacketSize);
        sequence++;
        shift++;
        octets[0] = 0x80;
        octets[1] = (byte)(payloadType | (isFirst ? 0x80 : 0)); // 2.5.1.1: the marker says that an event begins
        BinaryPrimitives.WriteUInt16BigEndian(octets[2..], sequence);
        BinaryPrimitives.WriteUInt32BigEndian(octets[4..], start);
        BinaryPrimitives.WriteUInt32BigEndian(octets[8..], source);
        octets[HeaderSize] = tone.Event;
        octets[HeaderSize + 1] = (byte)(Volume | (isEnd ? 0x80 : 0));
        BinaryPrimitives.WriteUInt16BigEndian(octets[(HeaderSize + 2)..], (ushort)duration);
        socket.Send(packet, PacketSize, isRtp: true);
    }

    // An event of the other party. True: it becomes INFO and goes no further.
    private bool Hear(byte* packet, int length)
    {
        hearsEvents = true;
        int header = HeaderSize + ((packet[0] & 0x0F) * 4);
        if (mode is not (DtmfMode.RtpToInfo or DtmfMode.Both) || length < header + 4 || !DtmfTone.IsKey(packet[header]))
        {
            return false;
        }

        Span<byte> octets = new(packet, length);
        uint began = BinaryPrimitives.ReadUInt32BigEndian(octets[4..]);
        if (began != heardStart)
        {
            Report(); // the ends of the event before were lost
            listening = true;
            heardStart = began;
        }

        heardEvent = packet[header];
        heardDuration = BinaryPrimitives.ReadUInt16BigEndian(octets[(header + 2)..]);
        if ((packet[header + 1] & 0x80) != 0)
        {
            Report(); // 2.5.1.4: its repetitions have the same time stamp
        }

        return true;
    }

    private void Report()
    {
        if (listening && format is { } wanted)
        {
            listening = false;
            heard(new DtmfTone(heardEvent, heardDuration * 1000 / wanted.ClockRate));
        }
    }

    private void StopClock()
    {
        lock (gate)
        {
            clock?.Dispose();
            clock = null;
        }
    }
}
