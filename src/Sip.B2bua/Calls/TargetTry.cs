using Sip.Messages;
using Sip.Transactions;
using Sip.Transports;

namespace Sip.B2bua.Calls;

/// <summary>
/// One request outside a dialog to one target: by the first way that target resolution gives, and by the next while there is no
/// answer, or 503 (RFC 3263 4.3). Each way is a client transaction of its own.
/// </summary>
internal abstract class TargetTry(CallCore core, Target target, SipMethod method) : IClientTransactionUser, ITimerOwner
{
    private TargetPath? path;
    private ClientTransaction? current;
    private LoopTimer? patience;
    private bool isOver;

    /// <summary>The calls of this loop.</summary>
    protected CallCore Core => core;

    /// <summary>The target.</summary>
    protected Target Target => target;

    /// <summary>Our authentication towards the target, once it has challenged us.</summary>
    protected PeerAuthentication? Authentication { get; private set; }

    /// <summary>Whether an answer is still of use; no other way is tried otherwise.</summary>
    protected virtual bool IsWanted => true;

    /// <summary>Finds the ways and sends by the first. Every try ends in one <see cref="OnFinal"/>, unless it is not wanted any more.</summary>
    public async ValueTask StartAsync()
    {
        path = await core.FindPathAsync(target);
        if (IsWanted && !TryNext())
        {
            Finish(path.Problem == TargetProblem.Loop ? 482 : 503, null);
        }
    }

    /// <inheritdoc/>
    public void OnResponse(ClientTransaction t, SipMessage response)
    {
        int code = response.StatusCode;
        bool isCurrent = ReferenceEquals(t, current);
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
        if (!isOver && code >= 200 && (isCurrent ? !(code == 503 && TryOther()) : code < 300))
        {
            Finish(code, response);
        }
    }

    /// <inheritdoc/>
    public void OnFailed(ClientTransaction t, TransactionFailure why)
    {
        if (!isOver && ReferenceEquals(t, current) && !TryOther())
        {
            Finish(why == TransactionFailure.Timeout ? 408 : 503, null);
        }
    }

    /// <summary>RFC 3263 4.3: the way that was tried has not said a word, and there is another.</summary>
    public void OnTimer(LoopTimer timer) => TryOther();

    /// <inheritdoc/>
    public void OnTerminated(ClientTransaction t)
    {
    }

    /// <summary>Writes the request for a transaction, whose Via it carries.</summary>
    protected abstract SipBuffer Write(ClientTransaction client);

    /// <summary>The final answer, or 408 or 503 where none has come by any way.</summary>
    protected abstract void OnFinal(int code, SipMessage? response);

    private bool TryOther()
    {
        StopWaiting();
        path!.Failed();
        return IsWanted && TryNext();
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
        if (code is not (401 or 407) || target.Credentials is not { } credentials || !IsWanted)
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
        if (path.HasMore)
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
