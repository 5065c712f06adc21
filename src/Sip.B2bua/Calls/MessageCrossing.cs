using System.Text;
using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>One request within a call on its way between two legs, as the modules see it. One for each loop, used again and again.</summary>
internal sealed class MessageCrossing(CallCore core) : MessageContext
{
    private Call? call;
    private Leg? from;
    private Leg? to;
    private IncomingRequest? asker;

    /// <inheritdoc/>
    public override ICall Call => call!;

    /// <inheritdoc/>
    public override ILeg From => from!;

    /// <inheritdoc/>
    public override ILeg To => to!;

    /// <inheritdoc/>
    public override SipMessage Request => asker!.Request;

    /// <inheritdoc/>
    public override bool IsAnswered => asker!.IsAnswered;

    /// <summary>Shows a request to the modules; false when one has answered it.</summary>
    public bool Pass(Call owner, Leg sender, Leg receiver, IncomingRequest request)
    {
        call = owner;
        from = sender;
        to = receiver;
        asker = request;
        core.Modules.OnMessage(this, owner.Skipped);
        asker = null;
        call = null;
        from = to = null;
        return !request.IsAnswered;
    }

    /// <inheritdoc/>
    public override void Answer(int code, string? reason = null) =>
        asker!.Refuse(Math.Clamp(code, 200, 699), reason is null ? default : Encoding.UTF8.GetBytes(reason));
}
