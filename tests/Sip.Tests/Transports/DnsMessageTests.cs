using System.Buffers.Binary;
using Sip.Transports;

namespace Sip.Tests.Transports;

public sealed class DnsMessageTests
{
    [Fact]
    public void A_question_is_written_as_RFC_1035_has_it()
    {
        byte[] to = new byte[DnsMessage.MaxQuery];
        int length = DnsMessage.WriteQuery(to, 0x1234, "_sip._udp.example.test", DnsType.Srv, extended: false);
        Assert.Equal("123401000001000000000000" + "045F736970045F756470076578616D706C65047465737400" + "00210001", Convert.ToHexString(to, 0, length));
    }

    [Fact]
    public void An_extended_question_says_how_long_a_datagram_may_be()
    {
        byte[] to = new byte[DnsMessage.MaxQuery];
        int length = DnsMessage.WriteQuery(to, 1, "a.test", DnsType.A, extended: true);
        Assert.Equal("0000290" + "4D0000000000000", Convert.ToHexString(to, length - 11, 11)); // RFC 6891 6.1.2: 1232 octets
        Assert.Equal(1, BinaryPrimitives.ReadUInt16BigEndian(to.AsSpan(10)));
    }

    [Fact]
    public void The_longest_name_fits_a_question()
    {
        string name = string.Join('.', new string('a', 63), new string('b', 63), new string('c', 63), new string('d', 61));
        Assert.True(DnsName.TryNormalize(name, out string normal, out _));
        byte[] to = new byte[DnsMessage.MaxQuery];
        int length = DnsMessage.WriteQuery(to, 1, normal, DnsType.Naptr, extended: true);
        int at = 12;
        Assert.True(DnsName.TryRead(to.AsSpan(0, length), ref at, out string read));
        Assert.Equal(name, read);
    }

    [Theory]
    [InlineData("Example.TEST", "example.test", false)]
    [InlineData("example.test.", "example.test", true)]
    [InlineData("_sips._tcp.x-1.test", "_sips._tcp.x-1.test", false)]
    public void A_name_is_normalized(string name, string normal, bool isAbsolute)
    {
        Assert.True(DnsName.TryNormalize(name, out string found, out bool absolute));
        Assert.Equal((normal, isAbsolute), (found, absolute));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a..b")]
    [InlineData(".a")]
    [InlineData("a b")]
    [InlineData("a\0b")]
    [InlineData("münchen.test")]
    [InlineData("[::1]")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.test")]
    public void A_name_that_cannot_be_asked_for_is_refused(string name) => Assert.False(DnsName.TryNormalize(name, out _, out _));

    [Theory]
    [InlineData("pbx", true)]
    [InlineData("_sip._udp.pbx", true)]
    [InlineData("pbx.test", false)]
    [InlineData("_sip._udp.pbx.test", false)]
    public void A_single_word_is_recognised_behind_the_service(string name, bool single) => Assert.Equal(single, DnsName.IsSingleLabel(name));

    [Fact]
    public void An_answer_with_compressed_names_is_read()
    {
        // Our question, then an SRV record whose owner is a pointer to the question and whose target ends in a pointer into it.
        byte[] message = Convert.FromHexString(
            "ABCD81800001000100000000" + "045F736970045F756470076578616D706C65047465737400" + "00210001"
            + "C00C" + "00210001" + "0000003C" + "000C" + "000A" + "0014" + "13C4" + "03" + "506278" + "C016");
        Assert.True(DnsMessage.TryRead(message, out DnsReply reply));
        Assert.Equal("_sip._udp.example.test", reply.Name);
        DnsRecord record = Assert.Single(reply.ToAnswer().Records);
        Assert.Equal((10, 20, 5060, "pbx.example.test", 60), (record.Priority, record.Weight, record.Port, record.Target, record.TimeToLive));
    }

    [Fact]
    public void Every_type_of_ours_is_read()
    {
        byte[] message = new DnsReplies(7, "x.test", DnsType.Naptr)
            .Naptr("x.test", 50, 10, "S", "sips+d2t", "", "_sips._tcp.x.test")
            .A("x.test", "192.0.2.7")
            .Aaaa("x.test", "2001:db8::7")
            .Cname("y.test", "x.test")
            .ToArray();
        Assert.True(DnsMessage.TryRead(message, out DnsReply reply));
        Assert.Equal([DnsType.Naptr, DnsType.A, DnsType.Aaaa, DnsType.Cname], reply.Records.Select(r => r.Type));
        DnsRecord naptr = Assert.Single(reply.ToAnswer().Records);
        Assert.Equal((50, 10, "s", "SIPS+D2T", "_sips._tcp.x.test"), (naptr.Priority, naptr.Weight, naptr.Flags, naptr.Service, naptr.Target));
        Assert.Equal(["192.0.2.7:0", "[2001:db8::7]:0"], reply.Records.Skip(1).Take(2).Select(r => r.Address.ToString()));
    }

    [Fact]
    public void A_NAPTR_with_a_regular_expression_is_not_for_SIP()
    {
        byte[] message = new DnsReplies(7, "x.test", DnsType.Naptr).Naptr("x.test", 1, 1, "u", "E2U+sip", "!^.*$!sip:a@x.test!", "").ToArray();
        Assert.True(DnsMessage.TryRead(message, out DnsReply reply));
        Assert.Empty(reply.Records);
    }

    [Fact]
    public void A_target_of_a_dot_is_empty()
    {
        Assert.True(DnsMessage.TryRead(new DnsReplies(7, "x.test", DnsType.Srv).Srv("x.test", 0, 0, 0, ".").ToArray(), out DnsReply reply));
        Assert.Equal("", Assert.Single(reply.Records).Target);
    }

    [Fact]
    public void An_odd_octet_in_a_name_makes_it_no_name_that_we_ask_for()
    {
        // The label "x.test" with a dot inside must not pass for the two labels x and test.
        byte[] message = new DnsReplies(7, "a.test", DnsType.Srv).Srv("a.test", 0, 0, 1, "q").ToArray();
        message[^2] = (byte)'.';
        Assert.True(DnsMessage.TryRead(message, out DnsReply reply));
        Assert.Equal("?", Assert.Single(reply.Records).Target);
    }

    [Theory]
    [InlineData("C00C")] // to itself
    [InlineData("C00E")] // forward
    [InlineData("FFFF")] // behind the end
    [InlineData("C0")] // cut
    [InlineData("40")] // RFC 6891 5: an obsolete kind of label
    [InlineData("3F61")] // longer than the message
    [InlineData("0161C00C")] // a label, then back to it
    public void A_name_that_cannot_end_is_refused(string name)
    {
        byte[] message = [.. Convert.FromHexString("ABCD81800001000000000000"), .. Convert.FromHexString(name), .. new byte[4]];
        int at = 12;
        Assert.False(DnsName.TryRead(message.AsSpan(0, 12 + (name.Length / 2)), ref at, out _));
        Assert.False(DnsMessage.TryRead(message, out _));
    }

    [Fact]
    public void A_chain_of_pointers_ends()
    {
        // Each pointer to the one before it, back to a root: allowed, linear.
        byte[] message = new byte[2000];
        message[0] = 0;
        for (int i = 1; i + 2 < message.Length; i += 2)
        {
            BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(i), (ushort)(0xC000 | (i == 1 ? 0 : i - 2)));
        }

        int at = 1997;
        Assert.True(DnsName.TryRead(message, ref at, out string name));
        Assert.Equal(("", 1999), (name, at));
    }

    [Fact]
    public void A_name_longer_than_255_octets_is_refused()
    {
        byte[] message = new byte[400];
        for (int i = 0; i < 5; i++)
        {
            message[i * 64] = 63;
        }

        int at = 0;
        Assert.False(DnsName.TryRead(message, ref at, out _));
    }

    [Fact]
    public void A_message_cut_anywhere_is_refused_and_never_throws()
    {
        byte[] message = new DnsReplies(7, "x.test", DnsType.Srv).Srv("x.test", 1, 2, 3, "y.test").Soa("test", 60, 30).ToArray();
        Assert.True(DnsMessage.TryRead(message, out _));
        for (int length = 0; length < message.Length; length++)
        {
            Assert.False(DnsMessage.TryRead(message.AsSpan(0, length), out _));
        }
    }

    [Fact]
    public void A_question_is_no_answer()
    {
        byte[] to = new byte[DnsMessage.MaxQuery];
        int length = DnsMessage.WriteQuery(to, 1, "a.test", DnsType.A, extended: false);
        Assert.False(DnsMessage.TryRead(to.AsSpan(0, length), out _));
    }

    [Fact]
    public void A_chain_of_aliases_is_followed_within_the_answer()
    {
        DnsAnswer answer = Read(new DnsReplies(7, "a.test", DnsType.A)
            .Cname("b.test", "c.test", 20).A("c.test", "192.0.2.1", 60).A("z.test", "192.0.2.66").Cname("a.test", "b.test", 90));
        Assert.Equal((DnsStatus.Found, 20), (answer.Status, answer.TimeToLive));
        Assert.Equal("192.0.2.1:0", Assert.Single(answer.Records).Address.ToString());
    }

    [Fact]
    public void A_ring_of_aliases_fails()
    {
        DnsAnswer answer = Read(new DnsReplies(7, "a.test", DnsType.A).Cname("a.test", "b.test").Cname("b.test", "a.test"));
        Assert.Equal(DnsStatus.Failed, answer.Status);
    }

    [Fact]
    public void An_absence_holds_as_long_as_the_SOA_says()
    {
        // RFC 2308 5: the smaller of the two.
        Assert.Equal(30, Read(new DnsReplies(7, "a.test", DnsType.A, code: 3).Soa("test", 60, 30)).TimeToLive);
        Assert.Equal(60, Read(new DnsReplies(7, "a.test", DnsType.A).Soa("test", 60, 3000)).TimeToLive);
        Assert.Equal(0, Read(new DnsReplies(7, "a.test", DnsType.A)).TimeToLive);
    }

    [Fact]
    public void A_time_to_live_with_the_highest_bit_is_nought()
    {
        // RFC 2181 8.
        Assert.Equal(0, Read(new DnsReplies(7, "a.test", DnsType.A).A("a.test", "192.0.2.1", int.MinValue)).TimeToLive);
    }

    [Fact]
    public void A_hundred_thousand_damaged_messages_neither_throw_nor_grow()
    {
        byte[][] seeds =
        [
            new DnsReplies(7, "_sip._udp.x.test", DnsType.Srv).Srv("_sip._udp.x.test", 1, 2, 3, "y.x.test").A("y.x.test", "192.0.2.1").ToArray(),
            new DnsReplies(7, "x.test", DnsType.Naptr).Naptr("x.test", 50, 10, "s", "SIP+D2U", "", "_sip._udp.x.test").Soa("test", 1, 2).ToArray(),
            Convert.FromHexString("ABCD81800001000100000000045F736970045F756470076578616D706C6504746573740000210001C00C0021000100000000000C000A001413C403506278C016"),
        ];
        Random random = new(20260101);
        int read = 0;
        for (int i = 0; i < 100_000; i++)
        {
            byte[] message = Damage(seeds[i % seeds.Length], random);
            if (DnsMessage.TryRead(message, out DnsReply reply))
            {
                read++;
                Assert.InRange(reply.Records.Count, 0, 64);
                Assert.All(reply.Records, r => Assert.InRange(r.Name.Length, 0, 253));
                _ = reply.ToAnswer();
            }
        }

        Assert.InRange(read, 1000, 99_000); // the fuzz reaches both outcomes
    }

    private static byte[] Damage(byte[] seed, Random random)
    {
        byte[] message = [.. seed];
        for (int n = random.Next(1, 6); n > 0; n--)
        {
            switch (random.Next(4))
            {
                case 0:
                    message[random.Next(message.Length)] = (byte)random.Next(256);
                    break;
                case 1:
                    message[random.Next(message.Length)] ^= (byte)(1 << random.Next(8));
                    break;
                case 2 when message.Length > 20:
                    message = message[..random.Next(12, message.Length)];
                    break;
                default:
                    int at = random.Next(message.Length);
                    message = [.. message[..at], (byte)(0xC0 | random.Next(2)), (byte)random.Next(256), .. message[at..]];
                    break;
            }
        }

        return message;
    }

    private static DnsAnswer Read(DnsReplies reply)
    {
        Assert.True(DnsMessage.TryRead(reply.ToArray(), out DnsReply read));
        return read.ToAnswer();
    }
}
