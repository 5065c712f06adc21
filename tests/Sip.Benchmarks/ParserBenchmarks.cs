using BenchmarkDotNet.Attributes;
using Sip.Headers;
using Sip.Messages;
using Sip.Uris;

namespace Sip.Benchmarks;

/// <summary>Parse, read and write; the budget is 1.2 µs and 0 octets for <see cref="ParseInviteAndReadHeaders"/>.</summary>
[MemoryDiagnoser]
public class ParserBenchmarks
{
    private readonly SipBufferPool buffers = new();
    private readonly SipMessagePool messages = new();
    private readonly SipLimits limits = SipLimits.Default;
    private SipBuffer invite = null!;
    private SipBuffer ok = null!;
    private SipBuffer refused = null!;

    /// <summary>Puts the samples into buffers.</summary>
    [GlobalSetup]
    public void Setup()
    {
        invite = Load(Samples.Invite);
        ok = Load(Samples.Ok);
        refused = Load(Samples.Refused);
    }

    /// <summary>What every received INVITE costs before anybody looks at it.</summary>
    [Benchmark(Baseline = true)]
    public int ParseInvite() => ParseOnly(invite);

    /// <summary>A response without body.</summary>
    [Benchmark]
    public int ParseResponse() => ParseOnly(ok);

    /// <summary>A message that is wrong at its end.</summary>
    [Benchmark]
    public int RefuseInvite() => ParseOnly(refused);

    /// <summary>What a call's first INVITE costs: Via, From, To, Contact, Route and their URIs, Call-ID and CSeq.</summary>
    [Benchmark]
    public int ParseInviteAndReadHeaders()
    {
        invite.Retain();
        SipMessage message = messages.Rent();
        SipParser.Parse(invite, false, message, limits);
        int sum = Via.TryParse(message.TopVia, out Via via) ? via.Branch.Length + via.RPort : 0;
        sum += NameAddr.TryParse(message.From, out NameAddr from) ? from.Uri.Length + message.FromTag.Length : 0;
        sum += NameAddr.TryParse(message.To, out NameAddr to) ? to.Uri.Length + message.ToTag.Length : 0;
        sum += ReadAddresses(message, HeaderId.Contact) + ReadAddresses(message, HeaderId.Route);
        sum += message.CallId.Length + (int)message.CSeqNumber + message.Body.Length;
        message.Release();
        return sum;
    }

    /// <summary>A provisional response to the INVITE, from parse to bytes.</summary>
    [Benchmark]
    public int ParseInviteAndWriteRinging()
    {
        invite.Retain();
        SipMessage message = messages.Rent();
        SipParser.Parse(invite, false, message, limits);
        SipWriter writer = new(buffers);
        writer.StatusLine(180, default);
        writer.CopyAll(message, HeaderId.Via);
        writer.CopyAll(message, HeaderId.From);
        writer.CopyAll(message, HeaderId.To);
        writer.CopyAll(message, HeaderId.CallId);
        writer.CopyAll(message, HeaderId.CSeq);
        writer.NoBody();
        SipBuffer written = writer.Finish();
        int length = written.Length;
        written.Release();
        message.Release();
        return length;
    }

    private static int ReadAddresses(SipMessage message, HeaderId id)
    {
        int sum = 0;
        foreach (ReadOnlySpan<byte> value in message.Values(id))
        {
            sum += NameAddr.TryParse(value, out NameAddr address) && SipUri.TryParse(address.Uri, out SipUri uri) ? uri.Host.Length : 0;
        }

        return sum;
    }

    private int ParseOnly(SipBuffer buffer)
    {
        buffer.Retain();
        SipMessage message = messages.Rent();
        SipParseError error = SipParser.Parse(buffer, false, message, limits);
        if (error != SipParseError.None)
        {
            buffer.Release();
        }

        message.Release();
        return (int)error;
    }

    private SipBuffer Load(byte[] bytes)
    {
        SipBuffer buffer = buffers.Rent(bytes.Length);
        bytes.CopyTo(buffer.Array, 0);
        buffer.Length = bytes.Length;
        return buffer;
    }
}
