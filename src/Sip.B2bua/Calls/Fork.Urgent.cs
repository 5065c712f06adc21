using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <content>Which failures end the fork before all targets have failed.</content>
internal sealed partial class Fork
{
    private UrgentFailures urgent;

    private enum UrgentFailures : byte
    {
        /// <summary>They are held back, and none has come.</summary>
        Held,

        /// <summary>They are held back, and one has come.</summary>
        OneIsHeld,

        /// <summary>They are sent as they come: nothing rang in time.</summary>
        Sent,

        /// <summary>They wait for the end like all others: something rang in time.</summary>
        Wait,
    }

    private void Settle(int code, string reason, SipMessage? response)
    {
        best.Add(code, reason, response);
        if (code >= 600 && !rules.NeedsEveryDecline)
        {
            // 16.7 step 5: a 6xx speaks for all of the callee's devices.
            Finish("SIP;cause=600;text=\"Busy Everywhere\""u8);
        }
        else if (rules.IsFailover && response is not null && response.StatusCode != 408 && response.StatusCode < 500)
        {
            Finish(default); // the place itself has answered: another way there would lead to the same
        }
        else if (IsUrgent(code) && urgent == UrgentFailures.Sent)
        {
            call.Trail.Add("Fork", "{0} does not wait for the others", code);
            Finish(default);
        }
        else if (IsUrgent(code) && urgent == UrgentFailures.Held)
        {
            urgent = UrgentFailures.OneIsHeld;
        }
    }

    private void OnUrgentTimer()
    {
        foreach (Leg leg in ringing)
        {
            if (leg.IsRinging)
            {
                urgent = UrgentFailures.Wait;
                return;
            }
        }

        if (urgent == UrgentFailures.OneIsHeld)
        {
            call.Trail.Add("Fork", "{0} is urgent, and nothing rings", best.Code);
            Finish(default);
        }
        else
        {
            urgent = UrgentFailures.Sent;
        }
    }

    private bool IsUrgent(int code) => rules.EveryFailureIsUrgent || code switch
    {
        401 or 407 or 415 or 420 or 484 or 488 or 606 => true,
        603 => rules.DeclineIsUrgent,
        _ => false,
    };
}
