using System.Net;
using System.Text;
using Sip;
using Sip.B2bua;
using Sip.Messages;
using Sip.Transports;

namespace Plugins.Tests.MediaRelay;

/// <summary>The contract's types as a test fills them.</summary>
internal sealed class FakeLeg(int number, string address) : ILeg
{
    private readonly Flow flow = new(null!, SipAddress.From(new IPEndPoint(IPAddress.Loopback, 5060)), SipAddress.From(new IPEndPoint(IPAddress.Parse(address), 5060)));

    public int Number => number;

    public string Party => "sip:" + number;

    public ref readonly Flow Flow => ref flow;

    public string UserAgent => "";

    public int Code => 0;

    public string CallId => "";
}

internal sealed class FakeCall(ILeg a, EventLoop loop) : ICall
{
    private object? state;

    public string Id => "1";

    public ILeg A => a;

    public ILeg? B => null;

    public bool IsAnswered { get; set; }

    public DecisionTrail Trail { get; } = new();

    public EventLoop Loop => loop;

    public string? Ended { get; private set; }

    public void End(int code, string reason) => Ended = code + " " + reason;

    public CallRecord ToRecord() => new() { Id = Id, Caller = "", Called = "" };

    public object? GetState(SipModule module) => state;

    public void SetState(SipModule module, object? value) => state = value;
}

internal sealed class FakeSession(ICall call, ILeg from, ILeg to, bool isOffer, byte[] sdp, bool isEarly = false) : SessionContext
{
    private readonly SipBufferPool pool = new();

    public override ICall Call => call;

    public override ILeg From => from;

    public override ILeg To => to;

    public override bool IsOffer => isOffer;

    public override bool IsEarly => isEarly;

    public override ReadOnlySpan<byte> Sdp => sdp;

    public override SipAddress Source => from.Flow.Remote;

    public string? Replaced { get; private set; }

    public string? Refused { get; private set; }

    public override IPAddress LocalAddressFor(ILeg leg) => IPAddress.Loopback;

    public override void Replace(SipBuffer newSdp)
    {
        Replaced = Encoding.ASCII.GetString(newSdp.Span);
        newSdp.Release();
    }

    public override SipBuffer Rent(int size) => pool.Rent(size);

    public override void Refuse(int code, string reason) => Refused = code + " " + reason;
}
