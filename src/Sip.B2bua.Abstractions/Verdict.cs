namespace Sip.B2bua;

/// <summary>What a module says of a request.</summary>
public enum Verdict
{
    /// <summary>The next module goes on.</summary>
    Continue,

    /// <summary>It is answered, kept or dropped: no later module sees it.</summary>
    Done,
}
