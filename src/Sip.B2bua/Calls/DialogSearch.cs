using Sip.Dialogs;
using Sip.Headers;

namespace Sip.B2bua.Calls;

/// <summary>
/// Asks the loop on which a dialog lives what it knows of it: the loop is in our tag. The answer comes back by the inbox, from the own loop
/// as from any other.
/// </summary>
internal abstract class DialogSearch
{
    private readonly CallCore home;
    private readonly byte[] callId;
    private readonly byte[] localTag;
    private readonly byte[] remoteTag;
    private CallCore at;

    /// <summary>Prepares the question.</summary>
    /// <param name="home">The calls of the loop that asks.</param>
    /// <param name="replaces">The dialog as its party names it.</param>
    /// <param name="loop">The loop that our tag names.</param>
    protected DialogSearch(CallCore home, in Replaces replaces, int loop)
    {
        this.home = home;
        at = home.All[loop];
        callId = replaces.CallId.ToArray();
        localTag = replaces.ToTag.ToArray();
        remoteTag = replaces.FromTag.ToArray();
    }

    /// <summary>The number of the loop that asks.</summary>
    public int AskingLoop => home.Loop.EventLoop.Number;

    /// <summary>Reads the value of a Replaces; false when it cannot name a dialog of ours.</summary>
    public static bool TryRead(CallCore home, ReadOnlySpan<byte> value, out Replaces replaces, out int loop)
    {
        loop = -1;
        return Replaces.TryParse(value, out replaces) && LoopIds.TryGetLoop(replaces.ToTag, out loop) && loop < home.All.Length;
    }

    /// <summary>Asks.</summary>
    protected void Begin() => Post(at, static question => question.Look());

    /// <summary>On the dialog's loop: what was asked for is known.</summary>
    public void Answer() => Post(home, static question => question.OnAnswered());

    /// <summary>On the dialog's loop: this is its leg, or there is none.</summary>
    /// <returns>False when the answer is not known yet: <see cref="Answer"/> is called when it is.</returns>
    protected abstract bool OnFound(Leg? leg);

    /// <summary>On the loop that has asked: what was found is known.</summary>
    protected abstract void OnAnswered();

    private void Look()
    {
        try
        {
            if (at.Loop.Dialogs.TryFind(callId, localTag, remoteTag, out Dialog? dialog) && dialog.MovedTo >= 0)
            {
                at = at.All[dialog.MovedTo];
                Begin();
                return;
            }

            if (!OnFound(dialog?.User as Leg))
            {
                return;
            }
        }
        catch (Exception fault)
        {
            // Whoever asks must get an answer: its call waits for it.
            at.Fault("dialog of another call", fault);
        }

        Answer();
    }

    private void Post(CallCore to, Action<DialogSearch> what) => to.Loop.EventLoop.Post(
        static state =>
        {
            (DialogSearch question, Action<DialogSearch> run) = ((DialogSearch, Action<DialogSearch>))state!;
            run(question);
        },
        (this, what));
}
