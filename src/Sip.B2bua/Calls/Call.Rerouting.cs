using System.Buffers.Text;
using System.Text;
using Sip.Headers;
using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <content>Targets that were not there when the call began: late phones, redirections, diversions.</content>
internal sealed partial class Call
{
    // Whoever diverts has limits of its own; this one stops a module that has none.
    private const int MaxDiversions = 20;

    private ForkRules rules = ForkRules.Default;
    private int redirects;
    private int diversions;

    /// <summary>The address-of-record that was proven to be the caller's, or null.</summary>
    public string? Identity { get; private set; }

    /// <summary>Whether the caller is trusted by address.</summary>
    public bool IsCallerTrusted { get; private set; }

    /// <summary>The realm by which the caller was asked for its credentials, or null.</summary>
    public string? OwnRealm { get; private set; }

    /// <summary>True until somebody has answered or given up.</summary>
    public bool IsRinging => b is null && !ending;

    /// <inheritdoc/>
    public bool TryAddTarget(Target target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return IsRinging && fork is not null && fork.TryJoin(target);
    }

    /// <summary>Whether a target's challenge, and the caller's answer to it, cross: it is none of our own phones, nor a server that knows us.</summary>
    public bool MayPassChallenge(Leg leg) => Options.Challenges == ChallengePolicy.Pass && leg.Target is { AddressOfRecord: null, Credentials: null };

    /// <summary>Whether there are other ways to the same place (<see cref="ForkRules.IsFailover"/>): a silent one is left early.</summary>
    public bool HasOtherWays => rules.IsFailover && fork is { HasWaiting: true };

    /// <summary>Whether the 3xx of a target is followed: it is one of ours, and there were not too many.</summary>
    public bool MayFollow(Leg leg)
    {
        if (Options.Redirects == RedirectPolicy.Pass || leg.Target!.AddressOfRecord is null)
        {
            return false;
        }

        if (redirects >= Options.MaxRedirects)
        {
            Trail.Add("Fork", "a redirection by {0} is not followed: max-redirects {1} reached", leg.Party, Options.MaxRedirects);
            return false;
        }

        redirects++;
        return true;
    }

    /// <summary>Asks the modules what the Contacts of a 3xx mean.</summary>
    /// <param name="asker">Who wants to reach the target: the caller, or a transfer.</param>
    /// <param name="from">The target.</param>
    /// <param name="response">The 3xx.</param>
    public async ValueTask<List<Target>> FindRedirectedAsync(Asker asker, Target from, SipMessage response)
    {
        FailingCall failing = new(this, asker, response.StatusCode, from, ContactsOf(response));
        try
        {
            if (failing.Contacts.Count > 0)
            {
                await core.Modules.OnFailureAsync(failing, Skipped);
            }
        }
        finally
        {
            failing.Release();
        }

        if (asker is TransferStep step)
        {
            failing.Targets.RemoveAll(step.Transfer.IsSelf);
        }

        Trail.Add("Fork", "{0} redirects, {1} places to try", from.Uri, failing.Targets.Count);
        return failing.Targets;
    }

    /// <summary>All targets have failed. Takes over the count of the best answer.</summary>
    public void OnForkFailed(Asker asker, BestResponse best)
    {
        TransferStep? step = asker as TransferStep;
        ForkRules asked = step is null ? rules : step.Transfer.Request?.Fork ?? ForkRules.Default;
        if (asked.MayDivert && diversions < MaxDiversions && best.Code != 487)
        {
            Divert(asker, best);
        }
        else if (step is not null)
        {
            step.Transfer.OnForkFailed(best);
        }
        else
        {
            Fail(best);
        }
    }

    private async void Divert(Asker asker, BestResponse best)
    {
        FailingCall failing = new(this, asker, best.Code, null, []);
        try
        {
            await core.Modules.OnFailureAsync(failing, Skipped);
        }
        catch (Exception fault)
        {
            // No exception leaves an async void: the call is not diverted.
            core.Fault("diversion", fault);
            failing.Targets.Clear();
        }
        finally
        {
            failing.Release();
        }

        if (asker is TransferStep step)
        {
            Divert(step, failing.Targets, best);
        }
        else if (!IsRinging)
        {
            best.Clear();
        }
        else if (failing.Targets.Count == 0)
        {
            Fail(best);
        }
        else
        {
            best.Clear();
            diversions++;
            breadth = breadth.Among(failing.Targets.Count);
            firstBranch = legs;
            fork = new Fork(this, A.Invite!, failing.Targets, rules);
            TellForwarded();
            fork.Start(A.Invite!.Expires);
        }
    }

    private void Divert(TransferStep step, List<Target> targets, BestResponse best)
    {
        targets.RemoveAll(step.Transfer.IsSelf);
        if (targets.Count == 0)
        {
            step.Transfer.OnForkFailed(best);
            return;
        }

        best.Clear();
        diversions++;
        step.Transfer.Divert(step, targets);
    }

    // 21.1.3: the caller may tell its user that the call goes elsewhere.
    private void TellForwarded()
    {
        if (rules.OwnProvisionals && !ending)
        {
            A.Receive(new CallEvent { Kind = CallEventKind.Progress, Method = SipMethod.Invite, Code = 181, Asker = A.Invite });
        }
    }

    private void Fail(BestResponse best)
    {
        Course.Fail(best.Code, best.Reason);
        Trail.Add("Fail", "{0} {1}", best.Code, best.Reason);
        ending = true;
        A.Reject(best.Code, Encoding.UTF8.GetBytes(best.Reason), best.Message, isOfMany: !HasOneTarget);
        best.Clear();
    }

    // 19.1.5: headers of a URI do not go into a request line, nor do we add them to the request.
    private List<Target> ContactsOf(SipMessage response)
    {
        List<Target> contacts = [];
        foreach (ReadOnlySpan<byte> value in response.Values(HeaderId.Contact))
        {
            if (contacts.Count < Options.MaxTargets && NameAddr.TryParse(value, out NameAddr address) && !address.IsStar)
            {
                int headers = address.Uri.IndexOf((byte)'?');
                contacts.Add(new Target(Encoding.UTF8.GetString(headers < 0 ? address.Uri : address.Uri[..headers])) { Q = ReadQ(address) });
            }
        }

        return contacts;
    }

    private static float ReadQ(in NameAddr contact) =>
        contact.Params.TryGet("q"u8, out ReadOnlySpan<byte> text) && Utf8Parser.TryParse(text, out float q, out int used) && used == text.Length
            && q is >= 0 and <= 1 ? q : 1;
}
