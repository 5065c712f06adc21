using Sip.Dialogs;
using Sip.Transports;

namespace Sip.B2bua.Calls;

/// <summary>What one call gives another when a party changes over: all that a leg must know to go on with its dialog.</summary>
internal sealed record GivenLeg
{
    /// <summary>The dialog, which belongs to the taker from now on.</summary>
    public required Dialog Dialog { get; init; }

    /// <summary>Where the dialog's own loop looks for it when it lives on another one; null while it is at home.</summary>
    public required DialogSignpost? Signpost { get; init; }

    /// <summary>The way to the party.</summary>
    public required Flow Way { get; init; }

    /// <summary>Whether our Contact is a SIPS URI.</summary>
    public required bool IsSips { get; init; }

    /// <summary>The party's address.</summary>
    public required string Party { get; init; }

    /// <summary>What was proven of it.</summary>
    public required ProvenSender Proven { get; init; }

    /// <summary>Its User-Agent or Server.</summary>
    public required string UserAgent { get; init; }

    /// <summary>The session's identifier, if it is used.</summary>
    public required LegSessionId? SessionId { get; init; }

    /// <summary>The target that it was called by; null for a party that has called.</summary>
    public required Target? Target { get; init; }

    /// <summary>How it wants to be spoken to.</summary>
    public required PeerProfile Profile { get; init; }

    /// <summary>Whether it has said that it takes UPDATE.</summary>
    public required bool TakesUpdate { get; init; }

    /// <summary>The session description that it was sent last, but for offers that it has refused.</summary>
    public required byte[] Sent { get; init; }

    /// <summary>The session description that it was sent last, whatever became of it.</summary>
    public required byte[] SentLast { get; init; }

    /// <summary>The session description that it has sent last.</summary>
    public required byte[] Heard { get; init; }
}

/// <summary>Stands in the place of a dialog in the table of the loop that its tag names, and tells where it lives now.</summary>
/// <param name="Home">The calls of that loop.</param>
/// <param name="Entry">What stands in its table.</param>
internal sealed record DialogSignpost(CallCore Home, Dialog Entry)
{
    /// <summary>The dialog lives on another loop now.</summary>
    public void PointTo(int loop) => Home.Loop.EventLoop.Post(
        static state =>
        {
            (Dialog entry, int loop) = ((Dialog, int))state!;
            entry.PointTo(loop);
        },
        (Entry, loop));

    /// <summary>The dialog is over.</summary>
    public void Remove() => Home.Loop.EventLoop.Post(
        static state =>
        {
            DialogSignpost post = (DialogSignpost)state!;
            post.Home.Loop.Dialogs.Remove(post.Entry);
        },
        this);
}
