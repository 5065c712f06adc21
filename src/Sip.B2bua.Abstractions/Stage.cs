namespace Sip.B2bua;

/// <summary>When a module sees a request. Stages run in this order; within one, the module's number decides.</summary>
public enum Stage
{
    /// <summary>Drop or refuse what must not cost us anything: bans, malformed requests.</summary>
    Guard,

    /// <summary>Find out who asks. Until here a request leaves no state behind.</summary>
    Authenticate,

    /// <summary>Decide whether he may.</summary>
    Authorize,

    /// <summary>Answer what the server answers itself: REGISTER, redirects, presence.</summary>
    Serve,

    /// <summary>Fill and narrow <see cref="RequestContext.Targets"/>.</summary>
    Route,

    /// <summary>Look after offers and answers.</summary>
    Media,

    /// <summary>Watch: records, statistics.</summary>
    Observe,
}
