using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using global::Plugins.Tests.MediaRelay;

namespace Sip.B2bua.FunctionalTests;

/// <summary>Keys that one phone sends in INFO and the other hears in RTP, and the reverse: the whole server, with sockets for the media alone.</summary>
public sealed class DtmfTests : InMemoryTests
{
    private const string Relay = "application/dtmf-relay";
    private const string Events = "a=rtpmap:0 PCMU/8000\r\na=rtpmap:96 telephone-event/8000\r\n";
    private const int EventType = 96;

    // One turn waits a millisecond of real time where nothing comes: the relay moves packets on a thread of its own.
    private const int MostTurns = 5000;

    private readonly MediaPhone aliceMedia = new("127.39.2.1");
    private readonly MediaPhone bobMedia = new("127.39.2.2");

    // The setting, and whether the caller presses the key.
    public static TheoryData<string, bool> Convert(string one) => new() { { one, true }, { one, false }, { "both", true }, { "both", false } };

    [Theory]
    [MemberData(nameof(Convert), "info-to-rtp")]
    public void RFC_4733_a_key_in_INFO_comes_out_of_the_RTP_of_the_other_phone(string setting, bool callerPresses)
    {
        (Side from, Side to) = Connected(setting, callerPresses);
        from.Phone.Ask("INFO", "Signal=5\r\nDuration=100\r\n", type: Relay);
        from.Phone.Expect(200, "INFO");
        List<byte[]> heard = [];
        for (int turn = 0; turn < MostTurns && heard.Count(IsEnd) < 3; turn++)
        {
            Server.Advance(0.02);
            heard.AddRange(Take(to.Media));
        }

        Assert.All(heard, packet => Assert.Equal((EventType, 5), (TypeOf(packet), packet[12])));
        Assert.Equal(800, BinaryPrimitives.ReadUInt16BigEndian(heard[^1].AsSpan(14))); // 100 ms
        Assert.Equal(3, heard.Count(IsEnd));
        End(from, to);
    }

    [Theory]
    [MemberData(nameof(Convert), "rtp-to-info")]
    public void RFC_4733_a_key_in_RTP_comes_to_the_other_phone_as_INFO(string setting, bool callerPresses)
    {
        (Side from, Side to) = Connected(setting, callerPresses);
        Press(from.Media, key: 7);
        for (int turn = 0; turn < MostTurns && to.Phone.Waiting.Count == 0; turn++)
        {
            Assert.Empty(Take(to.Media));
            Server.Settle();
        }

        TestMessage info = to.Phone.Expect("INFO");
        Assert.Equal((Relay, "Signal=7\r\nDuration=60\r\n"), (info.Header("Content-Type"), info.Body));
        to.Phone.Reply(200);
        End(from, to);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Where_nothing_is_to_be_converted_both_cross_as_they_are(bool callerPresses)
    {
        (Side from, Side to) = Connected("pass", callerPresses);
        from.Phone.Ask("INFO", "Signal=5\r\nDuration=100\r\n", type: Relay);
        Assert.Equal("Signal=5\r\nDuration=100\r\n", to.Phone.Expect("INFO").Body);
        to.Phone.Reply(200);
        from.Phone.Expect(200, "INFO");
        Press(from.Media, key: 7);
        List<byte[]> heard = [];
        for (int turn = 0; turn < MostTurns && heard.Count < 5; turn++)
        {
            heard.AddRange(Take(to.Media));
        }

        Assert.All(heard, packet => Assert.Equal((EventType, 7), (TypeOf(packet), packet[12])));
        Assert.Equal(5, heard.Count);
        End(from, to);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        aliceMedia.Dispose();
        bobMedia.Dispose();
    }

    private (Side From, Side To) Connected(string setting, bool callerPresses)
    {
        StartRelay("127.39.2.3", "[module::MediaRelay]\ndtmf=" + setting);
        TestPhone alice = Server.AddPhoneAt($"{aliceMedia.Address}:5070", "alice");
        TestPhone bob = Server.AddPhoneAt($"{bobMedia.Address}:5070", "bob");
        bob.Register();
        alice.Invite(bob.AddressOfRecord, SdpOf(aliceMedia));
        bobMedia.Learn(bob.Expect("INVITE").Body);
        bob.Accepts(SdpOf(bobMedia));
        alice.Expect(100);
        aliceMedia.Learn(alice.Expect(200).Body);
        alice.Ack();
        Server.Settle();
        (Side caller, Side callee) = (new Side(alice, aliceMedia), new Side(bob, bobMedia));
        return callerPresses ? (caller, callee) : (callee, caller);
    }

    private void End(Side from, Side to)
    {
        Server.Settle();
        Server.End(from.Phone, to.Phone);
    }

    private static string SdpOf(MediaPhone media) => Encoding.ASCII.GetString(media.Sdp(extra: Events, protocol: $"RTP/AVP 0 {EventType}"));

    // RFC 4733 2.5.1: one time stamp (0, as any other), growing durations, and the end three times.
    private static void Press(MediaPhone media, byte key)
    {
        for (int i = 1; i <= 5; i++)
        {
            int duration = 160 * int.Min(i, 3);
            byte[] packet = MediaPhone.Packet(key, 16);
            packet[1] = EventType;
            packet[3] = (byte)i;
            packet[11] = 0x77;
            packet[13] = (byte)(i >= 3 ? 0x8A : 0x0A);
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(14), (ushort)duration);
            media.Rtp.SendTo(packet, media.Target);
        }
    }

    private static List<byte[]> Take(MediaPhone media)
    {
        List<byte[]> packets = [];
        byte[] buffer = new byte[2000];
        while (media.Rtp.Poll(1000, SelectMode.SelectRead))
        {
            packets.Add(buffer[..media.Rtp.Receive(buffer)]);
        }

        return packets;
    }

    private static int TypeOf(byte[] packet) => packet[1] & 0x7F;

    private static bool IsEnd(byte[] packet) => (packet[13] & 0x80) != 0;

    private sealed record Side(TestPhone Phone, MediaPhone Media);
}
