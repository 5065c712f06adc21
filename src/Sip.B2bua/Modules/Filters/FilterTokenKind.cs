namespace Sip.B2bua.Modules.Filters;

/// <summary>The kinds of words that the filter language has.</summary>
internal enum FilterTokenKind : byte
{
    End,
    Word,
    Constant,
    And,
    Or,
    Not,
    Open,
    Close,
    Equal,
    NotEqual,
    Bad,
}
