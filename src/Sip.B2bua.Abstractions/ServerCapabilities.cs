namespace Sip.B2bua;

/// <summary>What the server says that it can do: the values of Allow, Supported and Allow-Events, each written in one place.</summary>
public static class ServerCapabilities
{
    /// <summary>Every method that the server understands, within calls or outside (RFC 3261 20.5).</summary>
    public static ReadOnlySpan<byte> Methods =>
        "INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO, MESSAGE, REFER, SUBSCRIBE, NOTIFY, PUBLISH, REGISTER"u8;

    /// <summary>The methods that a party of a call may use towards the server within it.</summary>
    public static ReadOnlySpan<byte> CallMethods =>
        "INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO, MESSAGE, REFER, SUBSCRIBE, NOTIFY"u8;

    /// <summary>The methods that either side of a subscription may use within it.</summary>
    public static ReadOnlySpan<byte> SubscriptionMethods => "SUBSCRIBE, NOTIFY"u8;

    /// <summary>The option tags of everything that the server understands (RFC 3261 20.37).</summary>
    public static ReadOnlySpan<byte> Options => "100rel, timer, replaces, norefersub, tdialog, path"u8;

    /// <summary>The option tags that matter within a call, but for reliable provisional responses.</summary>
    public static ReadOnlySpan<byte> CallOptions => "timer, replaces, norefersub, tdialog"u8;

    /// <summary>The option tags in an INVITE whose provisional responses may be reliable.</summary>
    public static ReadOnlySpan<byte> InviteOptions => "100rel, timer, replaces, norefersub, tdialog"u8;

    /// <summary>The event packages that are carried to phones without a module that serves them (RFC 6665 8.2.2).</summary>
    public static ReadOnlySpan<byte> EventPackages => "presence, dialog"u8;
}
