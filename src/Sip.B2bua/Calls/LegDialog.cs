using Sip.Dialogs;
using Sip.Messages;
using Sip.Transactions;
using Sip.Transports;

namespace Sip.B2bua.Calls;

/// <summary>
/// The dialog of a leg with its party, from the first early one to the confirmed one, and the way to the party, which may move
/// while the call lasts.
/// </summary>
/// <param name="leg">The leg.</param>
/// <param name="core">The calls of its loop.</param>
/// <param name="sips">Whether our Contact must be a SIPS URI (<see cref="SipsRule"/>).</param>
internal sealed class LegDialog(Leg leg, CallCore core, bool sips)
{
    private Flow way;
    private DialogSignpost? signpost;
    private byte[]? contact;

    /// <summary>The dialog, once there is one.</summary>
    public Dialog? Dialog { get; private set; }

    /// <summary>Whether our Contact must be a SIPS URI.</summary>
    public bool IsSips { get; set; } = sips;

    /// <summary>The way to the party.</summary>
    public ref readonly Flow Way => ref way;

    /// <summary>The value of our Contact, as the party reaches us.</summary>
    public ReadOnlySpan<byte> Contact => Dialog is { } own ? own.LocalContact : contact ??= core.ContactFor(way, IsSips);

    /// <summary>The way to the party is known, or another one now.</summary>
    public void GoBy(in Flow flow)
    {
        way = flow;
        contact = null;
    }

    /// <summary>The party may have moved, or its connection been made anew: the way back is the way that it came.</summary>
    public void Follow(in Flow from)
    {
        if (!way.IsSameWay(from))
        {
            GoBy(from);
            Dialog!.Flow = from;
            Dialog.SetLocalContact(core.ContactFor(way, IsSips));
        }
    }

    /// <summary>12.1.1: our first response with a tag makes the dialog.</summary>
    public void Make(ServerTransaction transaction)
    {
        if (Dialog is null)
        {
            Dialog = Dialog.FromRequest(transaction.Request, transaction.Flow, transaction.LocalTag, Contact, leg);
            core.Loop.Dialogs.Add(Dialog);
            contact = null; // the dialog has it
        }
    }

    /// <summary>13.2.1: what a dialog has had as the answer stays the answer; another answer needs another dialog.</summary>
    public void Renew(ServerTransaction transaction)
    {
        Drop();
        transaction.RenewLocalTag();
    }

    /// <summary>
    /// 12.1.2: a provisional response with a tag makes an early dialog. Another tag is another branch of a fork behind the target:
    /// the newest early dialog is the one that asks and is asked.
    /// </summary>
    /// <returns>True when it is another one than before.</returns>
    public bool MakeEarly(SipMessage response)
    {
        if (response.ToTag.IsEmpty || IsOf(response))
        {
            return false;
        }

        Replace(response);
        return true;
    }

    /// <summary>A 2xx to the INVITE that calls the party confirms the dialog.</summary>
    /// <returns>True when it is another one than before.</returns>
    public bool Confirm(SipMessage response)
    {
        if (IsOf(response))
        {
            Dialog!.Confirm(response);
            return false;
        }

        Replace(response);
        return true;
    }

    /// <summary>Whether a response belongs to the dialog.</summary>
    public bool IsOf(SipMessage response) => Dialog is { } dialog && dialog.RemoteTag.SequenceEqual(response.ToTag);

    /// <summary>The dialog is over.</summary>
    public void Drop()
    {
        if (Dialog is { } dialog)
        {
            core.Loop.Dialogs.Remove(dialog);
            signpost?.Remove();
            signpost = null;
            Dialog = null;
        }
    }

    /// <summary>Gives the dialog away to a leg of another call. On another loop its requests still come here first: a signpost stays.</summary>
    /// <param name="loop">The number of the taker's loop.</param>
    public (Dialog Dialog, DialogSignpost? Signpost) Give(int loop)
    {
        Dialog given = Dialog!;
        Dialog = null;
        if (loop == core.Loop.EventLoop.Number)
        {
            core.Loop.Dialogs.Remove(given);
        }
        else if (signpost is null)
        {
            // Made here, and going for the first time.
            signpost = new DialogSignpost(core, given);
            given = given.MoveTo(loop);
        }
        else
        {
            core.Loop.Dialogs.Remove(given);
            signpost.PointTo(loop);
        }

        DialogSignpost? post = signpost;
        signpost = null;
        return (given, post);
    }

    /// <summary>Goes on with a dialog that another call has given away.</summary>
    public void Take(GivenLeg given)
    {
        way = given.Way;
        signpost = given.Signpost;
        if (signpost is { } post && ReferenceEquals(post.Home, core))
        {
            core.Loop.Dialogs.Remove(post.Entry); // it has come home
            signpost = null;
        }

        Dialog = given.Dialog;
        Dialog.User = leg;
        core.Loop.Dialogs.Add(Dialog);
    }

    private void Replace(SipMessage response)
    {
        Drop();
        Dialog = Dialog.FromResponse(response, way, Contact, isSecure: IsSips && way.IsSecure, leg);
        core.Loop.Dialogs.Add(Dialog);
        contact = null;
    }
}
