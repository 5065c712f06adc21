using System.Diagnostics.CodeAnalysis;
using Sip.Messages;
using Sip.Transactions;
using Sip.Transports;

namespace Sip.Dialogs;

/// <summary>
/// The dialogs of one loop. Our own tag is random, so its digits are the index; then Call-ID and both tags are compared. Used on
/// its loop only; finding allocates nothing.
/// </summary>
public sealed class DialogTable
{
    private Dialog?[] buckets = new Dialog?[256];

    /// <summary>How many dialogs there are.</summary>
    public int Count { get; private set; }

    /// <summary>Makes and adds the dialog that our response to a request makes (12.1.1), with the transaction's local tag.</summary>
    public Dialog CreateFromRequest(ServerTransaction transaction, IDialogUser user)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        Dialog dialog = Dialog.FromRequest(transaction.Request, transaction.Flow, transaction.LocalTag, default, user);
        Add(dialog);
        return dialog;
    }

    /// <summary>Makes and adds the dialog that a response to our request makes (12.1.2).</summary>
    public Dialog CreateFromResponse(SipMessage response, in Flow flow, IDialogUser user)
    {
        Dialog dialog = Dialog.FromResponse(response, flow, default, isSecure: false, user);
        Add(dialog);
        return dialog;
    }

    /// <summary>Adds a dialog; its local tag must come from <see cref="LoopIds.NewTag"/>.</summary>
    public void Add(Dialog dialog)
    {
        ArgumentNullException.ThrowIfNull(dialog);
        if (dialog.IsInTable)
        {
            return;
        }

        if (!LoopIds.TryGetIndex(dialog.LocalTag, out _))
        {
            throw new ArgumentException("The local tag is not one of ours.", nameof(dialog));
        }

        if (Count >= buckets.Length)
        {
            Grow();
        }

        Link(dialog);
        dialog.IsInTable = true;
        Count++;
    }

    /// <summary>Takes a dialog out; one that is not in stays out.</summary>
    public void Remove(Dialog dialog)
    {
        ArgumentNullException.ThrowIfNull(dialog);
        if (!dialog.IsInTable)
        {
            return;
        }

        Dialog? previous = null;
        for (Dialog? at = Bucket(dialog.LocalTag); at is not null; previous = at, at = at.NextInBucket)
        {
            if (!ReferenceEquals(at, dialog))
            {
                continue;
            }

            if (previous is null)
            {
                Bucket(dialog.LocalTag) = dialog.NextInBucket;
            }
            else
            {
                previous.NextInBucket = dialog.NextInBucket;
            }

            dialog.NextInBucket = null;
            dialog.IsInTable = false;
            Count--;
            return;
        }
    }

    /// <summary>Finds the dialog that a request is inside of (12.2.2): its To tag is ours, its From tag the peer's.</summary>
    public bool TryFind(SipMessage request, [NotNullWhen(true)] out Dialog? dialog)
    {
        ArgumentNullException.ThrowIfNull(request);
        return TryFind(request.CallId, request.ToTag, request.FromTag, out dialog);
    }

    /// <summary>Finds the dialog that a response to a request of ours belongs to: its From tag is ours.</summary>
    public bool TryFindByResponse(SipMessage response, [NotNullWhen(true)] out Dialog? dialog)
    {
        ArgumentNullException.ThrowIfNull(response);
        return TryFind(response.CallId, response.FromTag, response.ToTag, out dialog);
    }

    /// <summary>Finds a dialog by its id, such as a Replaces header gives it (RFC 3891).</summary>
    public bool TryFind(
        ReadOnlySpan<byte> callId, ReadOnlySpan<byte> localTag, ReadOnlySpan<byte> remoteTag, [NotNullWhen(true)] out Dialog? dialog)
    {
        dialog = LoopIds.TryGetIndex(localTag, out _) ? Bucket(localTag) : null;
        while (dialog is not null
            && !(!dialog.IsAwaited
                && dialog.LocalTag.SequenceEqual(localTag)
                && dialog.RemoteTag.SequenceEqual(remoteTag)
                && dialog.CallId.SequenceEqual(callId)))
        {
            dialog = dialog.NextInBucket;
        }

        return dialog is not null;
    }

    /// <summary>RFC 6665 4.4.1: finds what a SUBSCRIBE of ours has left for the NOTIFY that makes its dialog.</summary>
    public bool TryFindAwaited(SipMessage notify, [NotNullWhen(true)] out Dialog? dialog)
    {
        ArgumentNullException.ThrowIfNull(notify);
        ReadOnlySpan<byte> localTag = notify.ToTag;
        dialog = LoopIds.TryGetIndex(localTag, out _) ? Bucket(localTag) : null;
        while (dialog is not null && !(dialog.IsAwaited && dialog.LocalTag.SequenceEqual(localTag) && dialog.CallId.SequenceEqual(notify.CallId)))
        {
            dialog = dialog.NextInBucket;
        }

        return dialog is not null;
    }

    private ref Dialog? Bucket(ReadOnlySpan<byte> localTag)
    {
        LoopIds.TryGetIndex(localTag, out int index);
        return ref buckets[index & (buckets.Length - 1)];
    }

    private void Link(Dialog dialog)
    {
        ref Dialog? bucket = ref Bucket(dialog.LocalTag);
        dialog.NextInBucket = bucket;
        bucket = dialog;
    }

    private void Grow()
    {
        Dialog?[] old = buckets;
        buckets = new Dialog?[old.Length * 2];
        foreach (Dialog? head in old)
        {
            Dialog? at = head;
            while (at is not null)
            {
                Dialog? next = at.NextInBucket;
                Link(at);
                at = next;
            }
        }
    }
}
