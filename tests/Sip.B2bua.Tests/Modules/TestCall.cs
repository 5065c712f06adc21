using System.Net;
using Sip.Messages;
using Sip.Transports;

namespace Sip.B2bua.Tests.Modules;

/// <summary>A call that only remembers what was done to it.</summary>
internal sealed class TestCall(EventLoop loop) : ICall
{
    public string Id => "call-1";

    public ILeg A => null!;

    public ILeg? B => null;

    public bool IsAnswered => false;

    public DecisionTrail Trail { get; } = new();

    public EventLoop Loop => loop;

    public (int Code, string Reason)? Ended { get; private set; }

    public void End(int code, string reason) => Ended = (code, reason);

    public CallRecord ToRecord() => new() { Id = Id, Caller = "", Called = "" };

    public object? GetState(SipModule module) => null;

    public void SetState(SipModule module, object? state)
    {
    }

    internal sealed class Session(TestCall call, bool isOffer) : SessionContext
    {
        public override ICall Call => call;

        public override ILeg From => null!;

        public override ILeg To => null!;

        public override bool IsOffer => isOffer;

        public override bool IsEarly => false;

        public override ReadOnlySpan<byte> Sdp => default;

        public override SipAddress Source => default;

        public int Refused { get; private set; }

        public override IPAddress LocalAddressFor(ILeg leg) => IPAddress.Loopback;

        public override void Replace(SipBuffer sdp) => sdp.Release();

        public override SipBuffer Rent(int size) => call.Loop.Buffers.Rent(size);

        public override void Refuse(int code, string reason) => Refused = code;
    }

    internal sealed class Branch(TestCall call) : BranchContext
    {
        public override SipMethod Method => SipMethod.Invite;

        public override Target Target { get; } = new("sip:bob@192.0.2.7");

        public override ICall Call => call;

        public override DecisionTrail Trail => call.Trail;

        public string? Dropped { get; private set; }

        public override void AddHeader(string name, string value)
        {
        }

        public override void Drop(string reason) => Dropped = reason;
    }
}
