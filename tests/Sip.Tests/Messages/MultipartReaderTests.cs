using System.Text;
using Sip.Messages;

namespace Sip.Tests.Messages;

public sealed class MultipartReaderTests
{
    private const string Type = "multipart/mixed;boundary=b1";
    private const string Sdp = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n";

    private const string Two =
        "for nobody\r\n--b1\r\nContent-Type: application/sdp\r\n\r\n" + Sdp + "\r\n--b1 \t\r\nContent-Type: application/isup\r\n"
        + "Content-Disposition: signal;handling=optional\r\n\r\n\u0001\u0002--b1\r\n--b12\r\n--b1--\r\nfor nobody either\r\n--b1\r\n\r\nno part\r\n--b1--";

    [Fact]
    public void RFC_2046_5_1_1_parts_lie_between_lines_of_the_boundary_and_nothing_else()
    {
        Assert.Equal([("application/sdp", Sdp), ("application/isup", "\u0001\u0002--b1\r\n--b12")], Parts(Type, Two, out bool closed));
        Assert.True(closed);
    }

    [Theory]
    [InlineData("multipart/mixed; charset=x; boundary=\"b1\"")]
    [InlineData("Multipart/Related;type=\"a;boundary=no\" ;BOUNDARY = b1")]
    public void The_boundary_is_read_as_parameters_are_written(string type) => Assert.Equal(2, Parts(type, Two, out _).Count);

    [Theory]
    [InlineData("application/sdp")]
    [InlineData("multipart/mixed")]
    [InlineData("multipart/mixed;boundary=")]
    [InlineData("multipart/mixed;boundary=\"\"")]
    [InlineData("multipart/mixed;boundary=12345678901234567890123456789012345678901234567890123456789012345678901")]
    public void Without_a_boundary_of_1_to_70_characters_there_are_no_parts(string type) =>
        Assert.False(MultipartReader.TryCreate(Bytes(type), Bytes(Two), out _));

    [Theory]
    [InlineData("")]
    [InlineData("--b1")]
    [InlineData("--b1--")]
    [InlineData("--b1\r\n\r\nno end")]
    [InlineData("x--b1\r\n\r\na\r\n--b1--")]
    [InlineData("--b1\n\na\n--b1--")]
    [InlineData("--b1\r\nContent-Type: a/b\r\n--b1--\r\n")]
    public void A_part_that_is_not_whole_is_none(string body) => Assert.Empty(Parts(Type, body, out _));

    [Fact]
    public void Parts_may_be_empty_and_have_no_headers() =>
        Assert.Equal([("", ""), ("", "a")], Parts(Type, "--b1\r\n\r\n\r\n--b1\r\n\r\na\r\n--b1--", out _));

    [Fact]
    public void No_more_parts_are_read_than_the_bound() =>
        Assert.Equal(MultipartReader.MaxParts, Parts(Type, string.Concat(Enumerable.Repeat("--b1\r\n\r\na\r\n", 100)) + "--b1--", out _).Count);

    [Fact]
    public void A_body_of_nothing_but_dashes_costs_linear_time()
    {
        byte[] dashes = Bytes(string.Concat(Enumerable.Repeat("\r\n--b", 200_000)));
        Cost.IsBelow(0.2, () =>
        {
            Assert.True(MultipartReader.TryCreate(Bytes(Type), dashes, out MultipartReader reader));
            Assert.False(reader.MoveNext());
        });
    }

    [Fact]
    public void Reading_parts_allocates_nothing()
    {
        byte[] type = Bytes(Type);
        byte[] body = Bytes(Two);
        Assert.Equal(0, Allocation.Least(() => Walk(type, body)));

        static void Walk(byte[] type, byte[] body)
        {
            for (int i = 0; i < 100; i++)
            {
                Assert.False(SessionBody.Find(type, body).IsEmpty);
            }
        }
    }

    [Theory]
    [InlineData("application/sdp", Sdp, Sdp)]
    [InlineData("Application/SDP ;charset=utf-8", Sdp, Sdp)]
    [InlineData("text/plain", Sdp, "")]
    [InlineData(Type, Two, Sdp)]
    [InlineData(Type, "--b1\r\nc: application/sdp\r\n\r\nv=0\r\n\r\n--b1--", "v=0\r\n")]
    [InlineData(Type, "--b1\r\nContent-Type: application/sdp\r\nContent-Disposition: early-session\r\n\r\nv=1\r\n--b1\r\nContent-Type: application/sdp\r\nContent-Disposition: session\r\n\r\nv=2\r\n--b1--", "v=2")]
    [InlineData(Type, "--b1\r\nContent-Type: application/sdp\r\nContent-Encoding: gzip\r\n\r\nv=1\r\n--b1--", "")]
    [InlineData(Type, "--b1\r\nContent-Type: multipart/alternative;boundary=b2\r\n\r\n--b2\r\nContent-Type: application/sdp\r\n\r\nv=3\r\n--b2--\r\n--b1--", "v=3")]
    public void RFC_5621_the_session_is_found_wherever_it_lies(string type, string body, string session) =>
        Assert.Equal(session, Encoding.Latin1.GetString(SessionBody.Find(Bytes(type), Bytes(body))));

    private static List<(string Type, string Content)> Parts(string type, string body, out bool closed)
    {
        Assert.True(MultipartReader.TryCreate(Bytes(type), Bytes(body), out MultipartReader reader));
        List<(string, string)> parts = [];
        while (reader.MoveNext())
        {
            parts.Add((Encoding.Latin1.GetString(reader.Current.ContentType), Encoding.Latin1.GetString(reader.Current.Content)));
        }

        closed = reader.IsClosed;
        return parts;
    }

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);
}
