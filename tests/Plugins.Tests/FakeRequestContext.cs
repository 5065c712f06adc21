using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using Sip;
using Sip.B2bua;
using Sip.Messages;
using Sip.Transports;

namespace Plugins.Tests;

/// <summary>A request made of raw text, and the answer that a module gave it, as text and parsed.</summary>
internal sealed class FakeRequestContext : RequestContext
{
    private static readonly SipBufferPool Buffers = new();

    private readonly Flow flow;

    public FakeRequestContext(string raw, string remote = "192.0.2.10:5060", bool reliable = false, FakeCertificate? certificate = null)
    {
        Request = Parse(raw);
        flow = FlowFrom(remote, reliable);
        flow = certificate is null ? flow : new Flow(flow.Transport, flow.Local, flow.Remote, FakeConnection.Of(certificate));
    }

    public override SipMessage Request { get; }

    public override ref readonly Flow Flow => ref flow;

    public override EventLoop Loop => throw new NotSupportedException("No module here needs the loop.");

    public override bool IsOver => Response is not null || IsDropped || IsCancelled;

    /// <summary>What the module answered; null while it has not.</summary>
    public SipMessage? Response { get; private set; }

    public bool IsDropped { get; private set; }

    public bool IsCancelled { get; set; }

    public Func<BooleanExpression, bool> Condition { get; init; } = e => e.Text is "true" or "";

    public int StatusCode => Response?.StatusCode ?? 0;

    public string Reason => Response is null ? "" : Encoding.UTF8.GetString(Response.ReasonPhrase);

    public static SipMessage Parse(string raw)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(raw.ReplaceLineEndings("\r\n"));
        SipBuffer buffer = Buffers.Rent(bytes.Length);
        bytes.CopyTo(buffer.Array, 0);
        buffer.Length = bytes.Length;
        SipMessage message = new SipMessagePool().Rent();
        SipParseError error = SipParser.Parse(buffer, false, message, SipLimits.Default);
        return error == SipParseError.None ? message : throw new ArgumentException($"{error} in {raw}");
    }

    public static Flow FlowFrom(string remote, bool reliable = false) =>
        new(new FakeTransport(reliable), SipAddress.From(IPEndPoint.Parse("198.51.100.1:5060")), SipAddress.From(IPEndPoint.Parse(remote)));

    public override bool Meets(BooleanExpression condition) => Condition(condition);

    public override void Respond(int code, string? reason = null, HeaderWriter? headers = null, object? state = null)
    {
        if (IsOver)
        {
            return;
        }

        SipWriter writer = new(Buffers);
        writer.StatusLine(code, Encoding.UTF8.GetBytes(reason ?? ""));
        foreach (HeaderId id in new[] { HeaderId.Via, HeaderId.From, HeaderId.To, HeaderId.CallId, HeaderId.CSeq })
        {
            writer.CopyAll(Request, id);
        }

        headers?.Invoke(ref writer, state);
        writer.NoBody();
        SipBuffer buffer = writer.Finish();
        Response = Parse(Encoding.UTF8.GetString(buffer.Span));
        buffer.Release();
    }

    public override void Drop() => IsDropped = true;

    /// <summary>All values of a header of the answer.</summary>
    public List<string> Header(HeaderId id)
    {
        List<string> values = [];
        Assert.NotNull(Response);
        foreach (ReadOnlySpan<byte> value in Response.Values(id))
        {
            values.Add(Encoding.UTF8.GetString(value));
        }

        return values;
    }

    // A connection of which nothing is real but what its peer has shown.
    private sealed class FakeConnection : StreamConnection
    {
        private FakeCertificate certificate = null!;

        private FakeConnection()
            : base(null!, default, default, accepted: true)
        {
        }

        public override IReadOnlyList<string> PeerIdentities => certificate.Domains;

        public override IReadOnlyList<string> PeerSubjects => certificate.Subjects;

        public static FakeConnection Of(FakeCertificate certificate)
        {
            FakeConnection connection = (FakeConnection)RuntimeHelpers.GetUninitializedObject(typeof(FakeConnection));
            connection.certificate = certificate;
            return connection;
        }

        protected override int Write(ReadOnlySpan<byte> octets) => throw new NotSupportedException();

        protected override void WaitForRoom(bool wait) => throw new NotSupportedException();

        protected override void ShutdownWrite() => throw new NotSupportedException();

        protected override void CloseStream() => throw new NotSupportedException();
    }

    private sealed class FakeTransport(bool reliable) : SipTransport(
        new ListeningPoint { Token = reliable ? "TCP" : "UDP", Bind = IPEndPoint.Parse("198.51.100.1:5060") },
        (TransportSet)RuntimeHelpers.GetUninitializedObject(typeof(TransportSet)))
    {
        public override ReadOnlySpan<byte> ViaToken => reliable ? "TCP"u8 : "UDP"u8;

        public override ReadOnlySpan<byte> UriToken => reliable ? "tcp"u8 : "udp"u8;

        public override bool IsReliable => reliable;

        public override void Open()
        {
        }

        public override void Close()
        {
        }

        public override void Send(in Flow flow, SipBuffer message) => message.Release();

        public override bool TryGetFlow(in SipAddress remote, out Flow flow)
        {
            flow = default;
            return false;
        }
    }
}
