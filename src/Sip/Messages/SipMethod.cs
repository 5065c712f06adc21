namespace Sip.Messages;

/// <summary>The methods that the server has rules for; every other method is <see cref="Unknown"/> and keeps its wire name.</summary>
public enum SipMethod : byte
{
    /// <summary>A method without rules of its own; read <see cref="SipMessage.MethodName"/>.</summary>
    Unknown,

    /// <summary>RFC 3261.</summary>
    Invite,

    /// <summary>RFC 3261.</summary>
    Ack,

    /// <summary>RFC 3261.</summary>
    Bye,

    /// <summary>RFC 3261.</summary>
    Cancel,

    /// <summary>RFC 3261.</summary>
    Register,

    /// <summary>RFC 3261.</summary>
    Options,

    /// <summary>RFC 3262.</summary>
    Prack,

    /// <summary>RFC 3311.</summary>
    Update,

    /// <summary>RFC 6086.</summary>
    Info,

    /// <summary>RFC 3428.</summary>
    Message,

    /// <summary>RFC 6665.</summary>
    Subscribe,

    /// <summary>RFC 6665.</summary>
    Notify,

    /// <summary>RFC 3903.</summary>
    Publish,

    /// <summary>RFC 3515.</summary>
    Refer,
}
