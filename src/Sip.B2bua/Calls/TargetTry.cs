using Sip.Messages;
using Sip.Transactions;
using Sip.Transports;

namespace Sip.B2bua.Calls;

/// <summary>
/// One request outside a dialog to one target: by the first way that target resolution gives, and by the next while there is no
/// answer, or 503 (RFC 3263 4.3), then by the device's next flow (RFC 5626 7). Each way is a client transaction of its own.
/// </summary>
internal abstract class TargetTry(CallCore core, Target target, SipMethod method) : IClientTransactionUser, ITimerOwner
{
    private const int NoAnswer = 0;

    private TargetPath? path;
    private ClientTransaction? current;
    private LoopTimer? patience;
    private bool isOver;

    /// <summary>The calls of this loop.</summary>
    protected CallCore Core => core;

    /// <summary>The target.</summary>
    protected Target Target { get; } = target;

    /// <summary>The target by the flow that is tried now: what the request is written for.</summary>
    protected Target Current { get; private set; } = target;

    /// <summary>Our authentication towards the target, once it has challenged us.</summary>
    protected PeerAuthentication? Authentication { get; private set; }

    /// <summary>Whether an answer is still of use; no other way is tried otherwise.</summary>
    protected virtual bool IsWanted => true;

    /// <summary>Finds the ways and sends by the first. Every try ends in one <see cref="OnFinal"/>, unless it is not wanted any more.</summary>
    public async ValueTask StartAsync()
    {
        do
        {
            path = await core.FindPathAsync(Current);
            if (!IsWanted || TryNext())
            {
                return;
            }
        }
        while (TakeNextFlow());

        Finish(path.Problem == TargetProblem.Loop ? 482 : 503, null);
    }

    /// <inheritdoc/>
    public void OnResponse(ClientTransaction t, SipMessage response)
    {
        int code = response.StatusCode;
        bool isCurrent = ReferenceEquals(t, current);
        if (code >= 200)
        {
            t.LetGo();
        }

        if (isCurrent)
        {
            StopWaiting();
        }

        if (!isOver && isCurrent && TryAuthenticate(code, response))
        {
            Send();
            return;
        }

        // A way that was given up for its silence may still succeed; that it fails is known already.
        if (!isOver && code >= 200 && (isCurrent ? !TryOther(code) : code < 300))
        {
            Finish(code, response);
        }
    }

    /// <inheritdoc/>
    public void OnFailed(ClientTransaction t, TransactionFailure why)
    {
        if (!isOver && ReferenceEquals(t, current) && !TryOther(NoAnswer))
        {
            Finish(why == TransactionFailure.Timeout ? 408 : 503, null);
        }
    }

    /// <summary>RFC 3263 4.3: the way that was tried has not said a word, and there is another.</summary>
    public void OnTimer(LoopTimer timer) => TryOther(NoAnswer);

    /// <inheritdoc/>
    public void OnTerminated(ClientTransaction t)
    {
    }

    /// <summary>Writes the request for a transaction, whose Via it carries.</summary>
    protected abstract SipBuffer Write(ClientTransaction client);

    /// <summary>The final answer, or 408 or 503 where none has come by any way.</summary>
    protected abstract void OnFinal(int code, SipMessage? response);

    // 503 is not the target's word (RFC 3263 4.3); after any answer but 408 and 430 the device has had the request (RFC 5626 7).
    private bool TryOther(int code)
    {
        StopWaiting();
        if (!IsWanted)
        {
            return false;
        }

        if (code is NoAnswer or 503)
        {
            path!.Failed();
            if (TryNext())
            {
                return true;
            }
        }

        if (code is not (NoAnswer or 408 or 430) || !TakeNextFlow())
        {
            return false;
        }

        StartLater();
        return true;
    }

    private bool TakeNextFlow()
    {
        if (Current.NextFlow is not { } next)
        {
            return false;
        }

        Current = next;
        return true;
    }

    private async void StartLater()
    {
        try
        {
            await StartAsync();
        }
        catch (Exception fault)
        {
            // No exception leaves an async void: this target counts as failed.
            core.Fault("target resolution", fault);
            Finish(503, null);
        }
    }

    private bool TryNext()
    {
        if (!path!.MoveNext())
        {
            return false;
        }

        Send();
        return true;
    }

    // 22.2, 22.3: our own credentials, for this target only.
    private bool TryAuthenticate(int code, SipMessage response)
    {
        if (code is not (401 or 407) || Target.Credentials is not { } credentials || !IsWanted)
        {
            return false;
        }

        Authentication ??= new PeerAuthentication(credentials);
        return Authentication.TryTake(response);
    }

    private void Send()
    {
        ClientTransaction client = core.Loop.Transactions.CreateClient(method, path!.Flow, this);
        SipBuffer message = Write(client);
        if (path.TryUseStream(message.Length))
        {
            // 18.1.1: too long for a datagram; Via and Contact name the transport, so it is written anew.
            message.Release();
            client.Abandon();
            client = core.Loop.Transactions.CreateClient(method, path.Flow, this);
            message = Write(client);
        }

        current = client;
        if (path.HasMore || Current.NextFlow is not null)
        {
            patience ??= new LoopTimer(this, 0);
            core.Loop.EventLoop.Timers.Set(patience, (int)core.Options.FailoverTimeout.TotalMilliseconds);
        }

        client.Send(message);
    }

    private void StopWaiting()
    {
        if (patience is not null)
        {
            core.Loop.EventLoop.Timers.Cancel(patience);
        }
    }

    private void Finish(int code, SipMessage? response)
    {
        isOver = true;
        StopWaiting();
        OnFinal(code, response);
    }
}
