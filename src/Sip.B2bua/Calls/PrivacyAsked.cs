namespace Sip.B2bua.Calls;

/// <summary>What a caller asks to be kept private: the values of Privacy (RFC 3323 §4.2, RFC 3325 §9.3).</summary>
[Flags]
internal enum PrivacyAsked : byte
{
    /// <summary>Nothing was said.</summary>
    Nothing = 0,

    /// <summary>Where the caller is: Via, Contact and Record-Route, none of which ever crosses here.</summary>
    Header = 1,

    /// <summary>Where the caller's media comes from: the media relay's work, which may be off.</summary>
    Session = 2,

    /// <summary>Who the caller is, as it says itself: From and what describes the person.</summary>
    User = 4,

    /// <summary>Who the caller is, as the network knows it.</summary>
    Id = 8,

    /// <summary>Rather no call than one without that privacy.</summary>
    Critical = 16,

    /// <summary>Nothing is to be hidden: <c>none</c>.</summary>
    Refused = 32,

    /// <summary>Something that the server does not know.</summary>
    Unknown = 64,
}
