namespace Sip.B2bua.Calls;

/// <summary>What becomes of a 3xx of a target.</summary>
internal enum RedirectPolicy
{
    /// <summary>The places that it names are called.</summary>
    Follow,

    /// <summary>It goes to the caller, like any other failure.</summary>
    Pass,
}
