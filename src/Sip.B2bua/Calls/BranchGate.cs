using Sip.B2bua.Modules;
using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>Where the modules see a request leave to a target and the target's responses come back. One for each loop, used again and again.</summary>
internal sealed class BranchGate(RequestPipeline modules)
{
    private readonly LeavingRequest leaving = new();
    private readonly ArrivedResponse arrived = new();

    /// <summary>Shows the request to the modules; false when one dropped the target.</summary>
    public bool Allow(Call? call, DecisionTrail trail, Target target, SipMethod method, SkippedModules skipped, out IReadOnlyList<(string Name, string Value)> headers)
    {
        leaving.Begin(call, trail, target, method);
        modules.OnBranch(leaving, skipped);
        headers = leaving.Headers;
        if (leaving.DroppedBecause is { } reason)
        {
            trail.Add("Branch", "{0} left out: {1}", target.Uri, reason);
            return false;
        }

        return true;
    }

    /// <summary>Shows a target's response to the modules.</summary>
    public void OnResponse(Call? call, Target target, SipMessage response, SkippedModules skipped)
    {
        arrived.Begin(call, target, response);
        modules.OnResponse(arrived, skipped);
        arrived.End();
    }

    private sealed class LeavingRequest : BranchContext
    {
        private static readonly IReadOnlyList<(string, string)> NoHeaders = [];
        private List<(string, string)>? headers;
        private Call? call;
        private DecisionTrail? trail;
        private Target? target;
        private SipMethod method;

        public override SipMethod Method => method;

        public override Target Target => target!;

        public override ICall? Call => call;

        public override DecisionTrail Trail => trail!;

        public string? DroppedBecause { get; private set; }

        public IReadOnlyList<(string Name, string Value)> Headers => headers ?? NoHeaders;

        public void Begin(Call? owner, DecisionTrail decisions, Target to, SipMethod requestMethod)
        {
            call = owner;
            trail = decisions;
            target = to;
            method = requestMethod;
            headers = null;
            DroppedBecause = null;
        }

        public override void AddHeader(string name, string value)
        {
            ArgumentException.ThrowIfNullOrEmpty(name);
            ArgumentNullException.ThrowIfNull(value);
            if (name.AsSpan().IndexOfAny('\r', '\n', ':') >= 0 || value.AsSpan().IndexOfAny('\r', '\n', '\0') >= 0)
            {
                throw new ArgumentException("A header is one line.", nameof(value));
            }

            (headers ??= []).Add((name, value));
        }

        public override void Drop(string reason) => DroppedBecause = reason;
    }

    private sealed class ArrivedResponse : ResponseContext
    {
        private Call? call;
        private Target? target;
        private SipMessage? response;

        public override SipMessage Response => response!;

        public override Target Target => target!;

        public override ICall? Call => call;

        public void Begin(Call? owner, Target from, SipMessage message)
        {
            call = owner;
            target = from;
            response = message;
        }

        public void End()
        {
            call = null;
            response = null;
        }
    }
}
