namespace Sip.B2bua;

/// <summary>What a filter may ask of a message. The comment of each is its name in the filter language.</summary>
public enum FilterVariable : byte
{
    /// <summary><c>direction</c>: the word request or response. The host answers it from <see cref="IFilterVariables.IsRequest"/>.</summary>
    Direction,

    /// <summary><c>request.method-name</c>, also <c>request.method</c>.</summary>
    RequestMethod,

    /// <summary><c>request.uri.domain</c>: the host of the Request-URI.</summary>
    RequestUriDomain,

    /// <summary><c>request.uri.user</c></summary>
    RequestUriUser,

    /// <summary><c>request.uri.params</c>: all parameters of the URI, without the first semicolon.</summary>
    RequestUriParams,

    /// <summary><c>from.uri.domain</c></summary>
    FromUriDomain,

    /// <summary><c>from.uri.user</c></summary>
    FromUriUser,

    /// <summary><c>from.uri.params</c></summary>
    FromUriParams,

    /// <summary><c>to.uri.domain</c></summary>
    ToUriDomain,

    /// <summary><c>to.uri.user</c></summary>
    ToUriUser,

    /// <summary><c>to.uri.params</c></summary>
    ToUriParams,

    /// <summary><c>contact.uri.domain</c>, of the first Contact.</summary>
    ContactUriDomain,

    /// <summary><c>contact.uri.user</c>, of the first Contact.</summary>
    ContactUriUser,

    /// <summary><c>contact.uri.params</c>, of the first Contact.</summary>
    ContactUriParams,

    /// <summary><c>user-agent</c></summary>
    UserAgent,

    /// <summary><c>call-id</c></summary>
    CallId,

    /// <summary><c>call-id.hash</c>: a decimal number made from the Call-ID, the same for every message of a call.</summary>
    CallIdHash,

    /// <summary><c>status.code</c></summary>
    StatusCode,

    /// <summary><c>status.phrase</c></summary>
    StatusPhrase,

    /// <summary><c>content-type</c>: type and subtype.</summary>
    ContentType,
}
