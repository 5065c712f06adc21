using Sip.Messages;
using Sip.Uris;

namespace Sip.B2bua.Calls;

/// <content>Targets that join while others ring: phones that register late, and the places a target redirects to.</content>
internal sealed partial class Fork
{
    private List<Target>? refused;
    private List<Target>? absent; // devices that could not be reached and may still come
    private int following; // redirections that are being looked up

    /// <summary>A phone has registered meanwhile, or registered anew; false when the call is not for it.</summary>
    public bool TryJoin(Target target)
    {
        if (over || !rules.IsLate)
        {
            return false;
        }

        if (refused is not null && refused.Exists(other => IsSameDevice(other, target)))
        {
            return false; // its user has answered already
        }

        Leg? elsewhere = ringing.Find(leg => IsSameDevice(leg.Target!, target));
        if (elsewhere is not null)
        {
            // By one of its flows its INVITE is under way, or will be; or it rings already by one that lives.
            if (LeadsTo(elsewhere.Target!, target) || (elsewhere.IsRinging && LeadsTo(target, elsewhere.Target!)))
            {
                return false;
            }

            call.Trail.Add("Fork", "{0} has come back at another place", elsewhere.Party);
            ringing.Remove(elsewhere);
            elsewhere.Abandon(default);
        }

        absent?.RemoveAll(other => IsSameDevice(other, target));
        for (int i = targets.Count - 1; i >= tried; i--)
        {
            if (IsSameDevice(targets[i], target))
            {
                targets.RemoveAt(i); // what waits for its turn is out of date
            }
        }

        if (!Add(target))
        {
            Continue();
            return false;
        }

        call.Trail.Add("Fork", "{0} joins late", target.Uri);
        JoinIfDue();
        return true;
    }

    private void Await(Target target)
    {
        call.Trail.Add("Fork", "{0} is not there now and may come", target.Uri);
        (absent ??= []).Add(target);
    }

    private static bool IsUnreachable(Leg leg, SipMessage? response) =>
        leg.Target!.Binding is not null && (response is null || response.StatusCode is 408 or 430 or 503);

    private static bool IsSameDevice(Target a, Target b) =>
        a.Binding is { } x && b.Binding is { } y ? x.IsSameDevice(y) : a.Uri == b.Uri;

    // Whether one of the flows of a target leads to the place of another.
    private static bool LeadsTo(Target target, Target place)
    {
        for (Target? flow = target; flow is not null; flow = flow.NextFlow)
        {
            if (IsSamePlace(flow, place))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsSamePlace(Target a, Target b) =>
        a.Uri == b.Uri && (a.Flow is { } x ? b.Flow is { } y && x.IsSameWay(y) : b.Flow is null);

    // The new target stands behind all that are as good.
    private bool Add(Target target)
    {
        if (targets.Count >= call.Options.MaxTargets)
        {
            call.Trail.Add("Fork", "{0} left out: max-targets {1} reached", target.Uri, call.Options.MaxTargets);
            return false;
        }

        int at = targets.Count;
        while (at > tried && targets[at - 1].Q < target.Q)
        {
            at--;
        }

        targets.Insert(at, target);
        return true;
    }

    // Who is at least as good as those that ring does not wait for them.
    private void JoinIfDue()
    {
        float current = tried > 0 ? targets[tried - 1].Q : 1;
        while (!over && HasWaiting && targets[tried].Q >= current - 0.0005f)
        {
            Try(targets[tried++]);
        }

        if (!over && HasWaiting && ringing.Count > 0 && groupTimer is not { IsSet: true })
        {
            TimeSpan patience = rules.GroupTimeout > TimeSpan.Zero ? rules.GroupTimeout : call.Options.GroupTimeout;
            call.Loop.Timers.Set(groupTimer ??= new LoopTimer(this, NextGroup), (int)patience.TotalMilliseconds);
        }

        Continue();
    }

    // 16.7 step 4: whoever follows a redirection takes its contacts into the target set and does not count the 3xx.
    private async void Follow(Target from, int code, string reason, SipMessage response)
    {
        following++;
        response.Retain();
        List<Target> found = [];
        try
        {
            found = await call.FindRedirectedAsync(asker, from, response);
        }
        catch (Exception fault)
        {
            // No exception leaves an async void: the redirection leads nowhere.
            call.Core.Fault("redirection", fault);
        }

        following--;
        if (!over)
        {
            bool joined = false;
            foreach (Target target in found)
            {
                joined |= IsNew(target) && Add(target);
            }

            if (!joined)
            {
                Settle(code, reason, response);
            }

            if (!over)
            {
                JoinIfDue();
            }
        }

        response.Release();
    }

    // 16.5: the target set holds no URI twice, or two phones that redirect to each other would never end.
    private bool IsNew(Target target)
    {
        foreach (Target other in targets)
        {
            if (other.Uri == target.Uri || SipUriComparer.Equal(other.UriBytes.Span, target.UriBytes.Span))
            {
                call.Trail.Add("Fork", "{0} left out: it was tried already", target.Uri);
                return false;
            }
        }

        return true;
    }
}
