using Sip.Transports;

namespace Sip.B2bua;

/// <summary>Our user agent at one end of a call.</summary>
public interface ILeg
{
    /// <summary>0 for leg A; 1 and up for each candidate of leg B, never used twice within a call.</summary>
    int Number { get; }

    /// <summary>The party's address as it gave it (From) or as it was called (the target).</summary>
    string Party { get; }

    /// <summary>The flow by which its signalling goes.</summary>
    ref readonly Flow Flow { get; }

    /// <summary>The target that this leg calls; null for leg A.</summary>
    Target? Target => null;

    /// <summary>The party's User-Agent or Server, or empty.</summary>
    string UserAgent { get; }

    /// <summary>The final status code of the INVITE that the party sent us, or we sent it; 0 while there is none.</summary>
    int Code { get; }

    /// <summary>How the party wants to be told of keys that the other one presses.</summary>
    DtmfForm Dtmf => DtmfForm.AsSet;

    /// <summary>The Call-ID of the dialog with the party, empty before there is one: each leg has its own.</summary>
    string CallId { get; }

    /// <summary>
    /// Sends a request of ours to the party, within the dialog: one that changes nothing of the call, such as INFO. False: the leg is not
    /// answered yet, or over.
    /// </summary>
    /// <param name="method">The method.</param>
    /// <param name="contentType">The type of the body.</param>
    /// <param name="body">The body; it is copied.</param>
    bool TryAsk(string method, ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body) => false;
}
