using Sip.Messages;
using Sip.Transports;

namespace Sip.Transactions;

/// <summary>Hears of 2xx that come to INVITEs whose transactions were ended by <see cref="ClientTransaction.TryEnd"/>.</summary>
public interface ILateAnswers
{
    /// <summary>Another phone behind the target has answered an INVITE after all: it must get an ACK and a BYE (RFC 3261 13.2.2.4).</summary>
    /// <param name="way">The way that the INVITE went.</param>
    /// <param name="response">The 2xx.</param>
    void OnLateAnswer(in Flow way, SipMessage response);
}
