namespace Sip.B2bua.Configuration;

/// <summary>
/// What became of keys and sections that older files have: removed from Flexisip years ago, or needless in a back-to-back user agent.
/// They are accepted, with this sentence as a warning.
/// </summary>
internal static class FormerKeys
{
    private const string PushNow = "pushes are set up by the keys of today's [module::PushNotification]";
    private const string NoOdbc = "the user database is reached without ODBC";

    private static readonly Dictionary<string, string> Keys = new(StringComparer.OrdinalIgnoreCase)
    {
        ["global/debug"] = "write log-level=debug, or start with --debug",
        ["global/max-log-size"] = "nlog.config says when a log file is closed and how many are kept",
        ["global/log-filename"] = "nlog.config names the log file",
        ["global/syslog-level"] = "add a syslog target to nlog.config",
        ["global/sofia-level"] = "there is no sofia-sip here; log-level=debug shows the SIP stack at work",
        ["global/use-maddr"] = "write maddr= into the URI of transports where it is wanted",
        ["global/use-rfc2543-record-route"] = "a back-to-back user agent writes no Record-Route",
        ["global/tls-certificates-dir"] = "name the two files: tls-certificates-file and tls-certificates-private-key",
        ["global/auto-respawn"] = "systemd starts the server again",
        ["global/default-servers"] = "one server does it all: proxy, registrar and back-to-back user agent",
        ["global/plugins"] = "every plug-in in plugins-dir is loaded",
        ["global/dump-corefiles"] = "set LimitCORE in the systemd unit",
        ["global/enable-snmp"] = "there is no SNMP agent; the counters are .NET metrics",
        ["module::Authentication/datasource"] = "is called file-path now",
        ["module::Authentication/odbc-display-timings-after-count"] = NoOdbc,
        ["module::Authentication/odbc-display-timings-interval"] = NoOdbc,
        ["module::Authentication/odbc-pooling"] = NoOdbc,
        ["module::Authentication/request"] = "is called soci-password-request now",
        ["module::Authentication/hashed-passwords"] = "each line of the user file names its own algorithm",
        ["module::Authentication/enable-test-accounts-creation"] = "was unsafe: nobody creates accounts by registering",
        ["module::PushNotification/google"] = "is called firebase now",
        ["module::PushNotification/google-projects-api-keys"] = "is called firebase-service-accounts now",
        ["module::PushNotification/firebase-projects-api-keys"] = "is called firebase-service-accounts now",
        ["module::PushNotification/time-to-live"] = "is called message-time-to-live now",
        ["module::PushNotification/windowsphone"] = PushNow,
        ["module::PushNotification/windowsphone-application-secret"] = PushNow,
        ["module::PushNotification/windowsphone-package-sid"] = PushNow,
        ["module::PushNotification/apple-force-pn-type"] = PushNow,
        ["module::Registrar/name-message-expires"] = "is called message-expires-param-name now",
        ["module::Registrar/redis-record-serializer"] = "there is one form of record only",
        ["module::Registrar/redis-server-timeout"] = "a lost database connection is made again by itself",
        ["module::Router/stateful"] = "every call has state here",
        ["module::Router/fork"] = "calls go to every phone of the user",
        ["module::Router/remove-to-tag"] = "each leg of a call has its own tags",
        ["module::Router/preroute"] = "is called fallback-route now",
        ["module::Router/generated-contact-route"] = "is called static-targets now",
        ["module::Router/generated-contact-expected-realm"] = "is called static-targets now",
        ["module::Router/generate-contact-even-on-filled-aor"] = "is called static-targets now",
        ["global/advanced-account-data"] = "call-diversions-file of [module::Router] names the file",
        ["module::Router/call-push-response-timeout"] = "is part of call-fork-timeout now",
        ["module::Forward/add-path"] = "needs nothing here: REGISTERs are answered, not forwarded",
        ["module::Forward/params-to-remove"] = "needs nothing here: a phone's contact goes to that phone alone",
        ["event-logs/dir"] = "is called filesystem-directory now",
        ["event-logs/flexiapi-token"] = "is called api-key of [global::flexiapi] now",
    };

    private static readonly Dictionary<string, string> Sections = new(StringComparer.OrdinalIgnoreCase)
    {
        ["module::NatHelper"] = "needs no module here: answers go back on the flow a request came by, and every leg writes its own Contact",
        ["module::ContactRouteInserter"] = "needs no module here: a back-to-back user agent always writes its own Contact",
        ["module::DateHandler"] = "needs no module here: the server writes its own Date",
        ["module::B2bua"] = "is the server itself: every call is bridged",
        ["module::JweAuth"] = "was removed from Flexisip; [module::AuthOpenIDConnect] took its place",
        ["b2bua-server"] = "is the server itself: there is no second process to be reached",
        ["b2bua-server::trenscrypter"] = "is the server itself: each leg negotiates its own media encryption",
        ["conference-server"] = "left Flexisip for a project of its own",
        ["monitor"] = "was removed from Flexisip; watch /health or the systemd watchdog instead",
        ["mdns-register"] = "has no place here: let avahi announce the server",
    };

    // Modules that keep strangers out. An old file that relies on one of them must not start without it in silence.
    private static readonly HashSet<string> Guards = new(StringComparer.OrdinalIgnoreCase)
    {
        "module::Authentication", "module::ExternalAuthentication", "module::AuthTrustedHosts", "module::AuthOpenIDConnect", "module::Authorization",
    };

    /// <summary>What became of the key, or null when it is not one of these.</summary>
    public static string? OfKey(string section, string key) => Keys.GetValueOrDefault(IniEntry.Join(section, key));

    /// <summary>What became of the section, or null when it is not one of these.</summary>
    public static string? OfSection(string section) => Sections.GetValueOrDefault(section);

    /// <summary>Whether the section belongs to a module that authenticates or authorizes.</summary>
    public static bool KeepsStrangersOut(string section) => Guards.Contains(section);
}
