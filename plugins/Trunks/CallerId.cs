namespace Sip.B2bua.Plugins.Trunks;

/// <summary>Who a trunk is told that calls.</summary>
internal enum CallerId
{
    /// <summary>The account of the trunk.</summary>
    Account,

    /// <summary>The caller's user, at the trunk's domain.</summary>
    Caller,
}
