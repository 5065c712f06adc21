using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Sip.B2bua.Plugins.MediaRelay;

namespace Plugins.Tests.MediaRelay;

/// <summary>Keys from INFO into RTP and out of RTP into INFO (RFC 4733).</summary>
public sealed class DtmfTests : IDisposable
{
    private const string Events = "a=rtpmap:0 PCMU/8000\r\na=rtpmap:96 telephone-event/8000\r\n";

    private readonly MediaPhone alice = new("127.0.0.2");
    private readonly MediaPhone bob = new("127.0.0.3");
    private readonly List<DtmfTone> heard = [];
    private RelayFixture relay = new();

    public void Dispose()
    {
        relay.Dispose();
        alice.Dispose();
        bob.Dispose();
    }

    [Fact]
    public void RFC_4733_2_5_1_a_key_is_one_stream_of_packets_with_one_marker_one_time_stamp_and_three_ends()
    {
        RelaySession session = Connect(DtmfMode.InfoToRtp);
        SendAudio(alice, 100, 5000);
        Audio before = Audio.Read(bob);
        Assert.True(RelaySession.TryPlay(session.Branches[0], new DtmfTone(5, 100)));
        List<Audio> packets = PlayOut(10);
        Assert.Equal(7, packets.Count); // 20, 40, 60, 80, 100 ms, and the last twice more
        Assert.Equal([160, 320, 480, 640, 800, 800, 800], packets.Select(p => p.Duration));
        Assert.Equal([false, false, false, false, true, true, true], packets.Select(p => p.IsEnd));
        Assert.Equal([true, false, false, false, false, false, false], packets.Select(p => p.Marker));
        Assert.All(packets, p => Assert.Equal((96, 5, before.Source, packets[0].Timestamp), (p.Type, p.Event, p.Source, p.Timestamp)));
        Assert.Equal(Enumerable.Range(before.Sequence + 1, 7), packets.Select(p => p.Sequence));
        Assert.True(packets[0].Timestamp > before.Timestamp);
    }

    [Fact]
    public void The_audio_goes_on_without_a_gap_after_a_key_and_is_silent_during_it()
    {
        RelaySession session = Connect(DtmfMode.Both);
        SendAudio(alice, 65533, 5000);
        int first = Audio.Read(bob).Sequence;
        RelaySession.TryPlay(session.Branches[0], new DtmfTone(11, 40));
        int sequence = 65534;
        List<Audio> all = [];
        for (int i = 0; i < 10; i++)
        {
            SendAudio(alice, sequence++ & 0xFFFF, 5000 + (160 * (i + 1)));
            all.AddRange(PlayOut(1));
        }

        Assert.Equal(Enumerable.Range(1, all.Count).Select(i => (first + i) & 0xFFFF), all.Select(p => p.Sequence));
        Assert.Equal(4, all.Count(p => p.Type == 96));
        Assert.Contains(all, p => p.Type == 0);
    }

    [Fact]
    public void Keys_are_sent_one_after_the_other_with_a_pause_between()
    {
        RelaySession session = Connect(DtmfMode.InfoToRtp);
        RelaySession.TryPlay(session.Branches[0], new DtmfTone(1, 40));
        RelaySession.TryPlay(session.Branches[0], new DtmfTone(1, 40));
        List<Audio> packets = PlayOut(20);
        Assert.Equal(8, packets.Count);
        Assert.Equal(2, packets.Select(p => p.Timestamp).Distinct().Count());
        Assert.True(packets[4].Timestamp - packets[0].Timestamp >= 640); // 40 ms of key and as much of silence
        Assert.Equal(2, packets.Count(p => p.Marker));
    }

    [Fact]
    public void A_phone_that_takes_no_telephone_events_gets_none()
    {
        RelaySession session = Connect(DtmfMode.InfoToRtp, callee: "");
        Assert.False(RelaySession.TryPlay(session.Branches[0], new DtmfTone(1, 40)));
        Assert.True(RelaySession.TryPlay(session.Front, new DtmfTone(1, 40)));
    }

    [Fact]
    public void A_phone_that_sends_its_keys_in_both_ways_is_heard_once()
    {
        RelaySession session = Connect(DtmfMode.InfoToRtp);
        SendEvent(1, 3000, 5, 160, end: false);
        Assert.Equal(96, Audio.Read(bob).Type);
        Assert.True(RelaySession.TryPlay(session.Branches[0], new DtmfTone(5, 100)));
        Assert.Empty(PlayOut(10));
    }

    [Fact]
    public void Events_in_RTP_are_told_once_each_and_go_no_further()
    {
        Connect(DtmfMode.RtpToInfo);
        SendAudio(alice, 1, 1000);
        int before = Audio.Read(bob).Sequence;
        for (int duration = 160; duration <= 800; duration += 160)
        {
            SendEvent(2 + (duration / 160), 3000, 7, duration, end: duration == 800);
        }

        SendEvent(8, 3000, 7, 800, end: true);
        SendEvent(9, 3000, 7, 800, end: true);
        SendEvent(10, 5000, 8, 160, end: false); // its ends are lost
        SendEvent(11, 7000, 9, 160, end: true);
        SendAudio(alice, 12, 8000);
        Assert.Equal([new DtmfTone(7, 100), new DtmfTone(8, 20), new DtmfTone(9, 20)], heard);
        Audio next = Audio.Read(bob);
        Assert.Equal((0, before + 2), (next.Type, next.Sequence)); // one packet, 2, never came at all
        Assert.False(bob.Rtp.Poll(0, SelectMode.SelectRead));
    }

    [Fact]
    public void Nothing_is_converted_where_the_setting_says_so()
    {
        RelaySession session = Connect(DtmfMode.Pass);
        Assert.Null(session.Front.ChannelAt(0)!.Dtmf);
        Assert.False(RelaySession.TryPlay(session.Front, new DtmfTone(1, 40)));
        SendEvent(1, 3000, 5, 160, end: true);
        Assert.Equal(96, Audio.Read(bob).Type);
        Assert.Empty(heard);
    }

    [Theory]
    [InlineData("application/dtmf-relay", "Signal=5\r\nDuration=250\r\n", 5, 250)]
    [InlineData("application/dtmf-relay", "Signal= #\r\nDuration= 100", 11, 100)]
    [InlineData("Application/DTMF-Relay; charset=utf-8", "signal=*\n", 10, 160)]
    [InlineData("application/dtmf-relay", "Signal=d\r\nDuration=999999\r\n", 15, 5000)]
    [InlineData("application/dtmf-relay", "Signal=11\r\nDuration=1\r\n", 11, 40)]
    [InlineData("application/dtmf", "9", 9, 160)]
    [InlineData("application/dtmf", "Signal=16\r\n", 16, 160)]
    [InlineData("application/dtmf-relay", "Duration=1\r\n", -1, 0)]
    [InlineData("application/dtmf", "x", -1, 0)]
    [InlineData("text/plain", "5", -1, 0)]
    public void What_INFO_writes_is_read(string type, string body, int number, int milliseconds)
    {
        bool good = DtmfTone.TryRead(Encoding.ASCII.GetBytes(type), Encoding.ASCII.GetBytes(body), out DtmfTone tone);
        Assert.Equal(number >= 0, good);
        if (good)
        {
            Assert.Equal((number, milliseconds), (tone.Event, tone.Milliseconds));
            Assert.True(DtmfTone.TryRead("application/dtmf-relay"u8, tone.ToRelay(), out DtmfTone again));
            Assert.Equal(tone, again);
        }
    }

    private RelaySession Connect(DtmfMode mode, string callee = Events)
    {
        relay.Dispose();
        relay = new RelayFixture(options => new MediaRelayOptions { SdpPortRange = options.SdpPortRange, Threads = 1, Dtmf = mode });
        relay.Engine.ToneHeard = (_, _, tone) => heard.Add(tone);
        RelaySession session = relay.Open(alice.Address.ToString());
        RelayLeg back = session.AddBranch(RelayFixture.Party(bob.Address.ToString()));
        bob.Learn(RelayFixture.Offer(session, session.Front, back, alice.Sdp(extra: Events, protocol: "RTP/AVP 0 96")));
        alice.Learn(RelayFixture.Answer(session, back, session.Front, bob.Sdp(extra: callee, protocol: "RTP/AVP 0 96")));
        session.Win(back);
        return session;
    }

    private List<Audio> PlayOut(int turns)
    {
        List<Audio> packets = [];
        for (int i = 0; i < turns; i++)
        {
            relay.Time.Fire();
            relay.Turn();
            relay.Time.Advance(TimeSpan.FromMilliseconds(20));
            while (bob.Rtp.Poll(0, SelectMode.SelectRead))
            {
                packets.Add(Audio.Read(bob));
            }
        }

        return packets;
    }

    private void SendAudio(MediaPhone from, int sequence, int timestamp) => Send(from, Packet(0, sequence, timestamp, new byte[160]));

    private void SendEvent(int sequence, int timestamp, byte key, int duration, bool end) =>
        Send(alice, Packet(96, sequence, timestamp, [key, (byte)(end ? 0x8A : 0x0A), (byte)(duration >> 8), (byte)duration]));

    private void Send(MediaPhone from, byte[] packet)
    {
        from.Rtp.SendTo(packet, from.Target);
        relay.Turn();
    }

    private static byte[] Packet(int type, int sequence, int timestamp, byte[] payload)
    {
        byte[] packet = new byte[12 + payload.Length];
        packet[0] = 0x80;
        packet[1] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)sequence);
        BinaryPrimitives.WriteInt32BigEndian(packet.AsSpan(4), timestamp);
        packet[11] = 0x77;
        payload.CopyTo(packet, 12);
        return packet;
    }

    private readonly record struct Audio(int Type, bool Marker, int Sequence, uint Timestamp, uint Source, int Event, bool IsEnd, int Duration)
    {
        public static Audio Read(MediaPhone phone)
        {
            byte[] packet = new byte[2000];
            Assert.True(phone.Rtp.Poll(0, SelectMode.SelectRead), "nothing arrived");
            phone.Rtp.Receive(packet);
            return new Audio(
                packet[1] & 0x7F,
                packet[1] >= 0x80,
                BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(2)),
                BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(4)),
                BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(8)),
                packet[12],
                packet[13] >= 0x80,
                BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(14)));
        }
    }
}
