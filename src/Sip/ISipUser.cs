using Sip.Messages;
using Sip.Transports;

namespace Sip;

/// <summary>What stands above the stack: it is given every request that is outside of a dialog and new.</summary>
public interface ISipUser
{
    /// <summary>
    /// A new request outside of any dialog; never ACK nor CANCEL. Called on the loop that owns it. There is no transaction yet: answer
    /// it with <see cref="SipLoop.RespondStateless(SipMessage, in Flow, int, ReadOnlySpan{byte})"/>, which leaves no state, or make it
    /// one with <see cref="Transactions.TransactionTable.CreateServer"/>. Whoever awaits before deciding makes the transaction first,
    /// or meets the request's retransmissions as new requests. Max-Forwards, Require and the method are the user's to judge.
    /// </summary>
    /// <param name="loop">The loop.</param>
    /// <param name="request">The request; retain it if it is kept beyond the call.</param>
    /// <param name="flow">The flow that it came by.</param>
    void OnRequest(SipLoop loop, SipMessage request, in Flow flow);
}
