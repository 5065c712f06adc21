using FsCheck;
using FsCheck.Fluent;
using Sip.Fuzz;
using Sip.Messages;
using static Sip.Tests.Messages.TestMessages;

namespace Sip.Tests.Messages;

/// <summary>What must hold for every message, tried with generated ones; a failure prints the smallest that fails.</summary>
public sealed class MessagePropertyTests
{
    private static readonly Config Fixed = Config.QuickThrowOnFailure.WithMaxTest(400).WithReplay(20260101UL, 77UL);

    private static readonly Gen<string> Token =
        Gen.Elements("abcXYZ019-.!%*_+`'~".ToCharArray()).NonEmptyListOf().Select(chars => new string([.. chars.Take(20)]));

    private static readonly Gen<string> Space = Gen.Elements("", " ", "\t", "  ", "\r\n ", " \r\n\t");

    private static readonly Gen<string> Value =
        Gen.Elements("a", "b c", ",", ";x=y", "\"q,\\\"\"", "<sip:a@b>", "\u00e9", "\0", "%00", ":", "\r\n ", "  ").ListOf()
            .Select(parts => string.Concat(parts.Take(8)));

    private static readonly Gen<string> Header =
        from name in Gen.OneOf(Token.Select(token => "X-" + token), Gen.Elements("k", "Supported", "Contact", "m", "User-Agent", "Reason", "v"))
        from before in Gen.Elements("", " ", "\t")
        from after in Space
        from value in Value
        select name + before + ":" + after + (name == "v" ? "SIP/2.0/TCP x" : value) + "\r\n";

    private static readonly Gen<string> Message =
        from headers in Header.ListOf()
        from tag in Token
        from body in Gen.Elements("", "v=0\r\n", "\r\n\r\n", "\0\0", " x")
        from request in Gen.Elements(true, false)
        select (request ? "INVITE sip:bob@example.com SIP/2.0\r\n" : "SIP/2.0 200 OK\r\n") + Required.Replace("tag=a1", "tag=" + tag)
            + string.Concat(headers.Take(12)) + "Content-Length: " + Bytes(body).Length + "\r\n\r\n" + body;

    [Fact]
    public void Writing_a_parsed_message_and_parsing_it_again_keeps_its_meaning() =>
        Check.One(Fixed, Prop.ForAll(Message.ToArbitrary(), text =>
        {
            SipMessage message = Parse(text);
            SipBuffer written = RoundTrip.Write(message, new SipBufferPool());
            return TryParse(written.Span, out SipMessage again, stream: true) == SipParseError.None && RoundTrip.Difference(message, again) == null;
        }));

    [Fact]
    public void Framing_does_not_depend_on_how_the_octets_arrive()
    {
        Gen<(string, int[])> streams =
            from texts in Gen.OneOf(Message, Gen.Elements("\r\n", "\r\n\r\n", "rubbish\r\n\r\n")).NonEmptyListOf()
            from pieces in Gen.Choose(1, 90).NonEmptyListOf()
            select (string.Concat(texts.Take(6)), pieces.ToArray());
        Check.One(Fixed, Prop.ForAll(streams.ToArbitrary(), stream =>
        {
            byte[] bytes = Bytes(stream.Item1);
            return Frames(bytes, [bytes.Length]).SequenceEqual(Frames(bytes, stream.Item2)) && Frames(bytes, [1]).SequenceEqual(Frames(bytes, [7]));
        }));
    }

    [Fact]
    public void Framer_and_parser_agree_where_a_message_ends() =>
        Check.One(Fixed, Prop.ForAll(Message.ToArbitrary(), text =>
        {
            byte[] bytes = Bytes(text);
            SipFrame frame = Frames([.. bytes, .. bytes], [bytes.Length * 2])[0];
            return frame.Length == bytes.Length && TryParse(bytes, out _, stream: true) == SipParseError.None;
        }));

    private static List<SipFrame> Frames(byte[] bytes, int[] pieces)
    {
        List<SipFrame> frames = [];
        SipFramer framer = default;
        int start = 0;
        int arrived = 0;
        for (int i = 0; ; i++)
        {
            SipFrame frame = framer.Next(bytes.AsSpan(start, arrived - start), SipLimits.Default);
            if (frame.Kind != SipFrameKind.NeedMore)
            {
                frames.Add(frame);
                start += frame.Length;
                if (frame.Kind == SipFrameKind.Error)
                {
                    return frames;
                }
            }
            else if (arrived == bytes.Length)
            {
                return frames;
            }
            else
            {
                arrived = Math.Min(bytes.Length, arrived + pieces[i % pieces.Length]);
            }
        }
    }
}
