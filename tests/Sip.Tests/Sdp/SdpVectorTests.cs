using System.Buffers;
using System.Text;
using Sip.Sdp;

namespace Sip.Tests.Sdp;

public class SdpVectorTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Data", "vectors", "sdp");

    public static TheoryData<string, int, int, bool> Vectors()
    {
        TheoryData<string, int, int, bool> rows = [];
        foreach (string line in File.ReadLines(Path.Combine(Folder, "index.tsv")).Skip(1))
        {
            string[] columns = line.Split('\t');
            rows.Add(columns[0], int.Parse(columns[3]), int.Parse(columns[4]), columns[5] == "fragment");
        }

        return rows;
    }

    [Fact]
    public void All_73_bodies_are_there() => Assert.Equal(73, Vectors().Count);

    [Theory]
    [MemberData(nameof(Vectors))]
    public void A_printed_description_is_read_and_written_back_octet_for_octet(string file, int lines, int media, bool fragment)
    {
        byte[] body = File.ReadAllBytes(Path.Combine(Folder, file));
        SdpSession session = new();
        Assert.Equal(SdpError.None, SdpParser.Parse(body, session, SdpLimits.Default with { AllowFragment = fragment }));
        Assert.Equal(lines, session.LineCount);
        Assert.Equal(media, session.MediaCount);

        SdpWriter writer = new();
        writer.Begin(session);
        ArrayBufferWriter<byte> output = new();
        writer.WriteTo(output);
        Assert.Equal(body, output.WrittenSpan.ToArray());
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void A_description_cut_anywhere_or_with_any_octet_changed_is_read_without_a_fault(string file, int lines, int media, bool fragment)
    {
        byte[] body = File.ReadAllBytes(Path.Combine(Folder, file));
        SdpSession session = new();
        SdpLimits limits = SdpLimits.Default with { AllowFragment = fragment };
        for (int i = 0; i < body.Length; i++)
        {
            SdpParser.Parse(body.AsSpan(0, i), session, limits);
            byte kept = body[i];
            body[i] = (byte)(kept ^ (1 << (i % 8)));
            if (SdpParser.Parse(body, session, limits) == SdpError.None)
            {
                Touch(session);
            }

            body[i] = kept;
        }

        Assert.InRange(media, 0, lines);
    }

    [Fact]
    public void Torture_ipv6_in_sdp()
    {
        SdpSession session = SdpTestText.Parse(
            "v=0\r\no=user 2000 3000 IN IP6 2001:db8::10\r\ns=-\r\nc=IN IP6 2001:db8::10\r\nt=0 0\r\nm=audio 49170 RTP/AVP 0 12\r\n");
        Assert.True(session.MediaAt(0).TryGetConnection(out SdpConnection connection));
        Assert.True(connection.IsIPv6);
        Assert.Equal("2001:db8::10", Encoding.ASCII.GetString(connection.Address));
    }

    [Fact]
    public void Torture_several_address_families_in_one_description()
    {
        SdpSession session = SdpTestText.Parse(
            "v=0\r\no=bob 280744730 28977631 IN IP4 host.example.com\r\ns=\r\nt=0 0\r\n" +
            "m=audio 22334 RTP/AVP 0\r\nc=IN IP4 192.0.2.1\r\nm=video 6024 RTP/AVP 107\r\nc=IN IP6 2001:db8::1\r\na=rtpmap:107 H263-1998/90000\r\n");
        Assert.True(session.MediaAt(0).TryGetConnection(out SdpConnection first));
        Assert.True(session.MediaAt(1).TryGetConnection(out SdpConnection second));
        Assert.False(first.IsIPv6);
        Assert.True(second.IsIPv6);
    }

    private static void Touch(SdpSession session)
    {
        SdpWriter writer = new();
        writer.Begin(session);
        for (int i = 0; i < session.MediaCount; i++)
        {
            SdpMedia media = session.MediaAt(i);
            media.TryGetConnection(out _);
            media.TryGetAttribute("rtcp"u8, out _);
            Assert.InRange((int)media.Direction, 0, 3);
            Assert.True(media.Formats.Length + media.Kind.Length + media.Protocol.Length > 0);
            writer.SetPort(i, 4000);
            writer.SetConnection(i, false, "192.0.2.1"u8);
            writer.SetRtcp(i, 4001);
        }

        writer.SetOrigin(1, 1, false, "192.0.2.1"u8);
        ArrayBufferWriter<byte> output = new();
        writer.WriteTo(output);
        Assert.Equal(writer.Length, output.WrittenCount);
    }
}
