using Sip.B2bua.RealTests.Phones;
using Sip.Tests.Transports;
using Sip.Transports;

namespace Sip.B2bua.RealTests.Programs;

/// <summary>What a test wants of its server.</summary>
internal sealed record ServerSettings
{
    /// <summary>Who may register.</summary>
    public IReadOnlyList<Account> Accounts { get; init; } = [Account.Alice, Account.Bob];

    /// <summary>Whether media are relayed.</summary>
    public bool MediaRelay { get; init; } = true;

    /// <summary>Seconds that a call may ring.</summary>
    public int RingTimeout { get; init; } = 60;

    /// <summary>Who signs its certificate; without one it has no TLS and no secure WebSocket.</summary>
    public TestAuthority? Authority { get; init; }

    /// <summary>Whether peers are asked for a certificate, which they may have not.</summary>
    public bool AsksCertificates { get; init; }

    /// <summary>The configuration file.</summary>
    public string ConfigurationText(string address, int port, string usersFile) => $"""
        [global]
        transports=sip:{address}:{port}{SecureTransports(address, port)}
        aliases={Account.TestDomain}

        [b2bua]
        ring-timeout={RingTimeout}

        [module::DoSProtection]
        enabled=false

        [module::Registrar]
        enabled=true
        reg-domains={Account.TestDomain}

        [module::Authentication]
        enabled=true
        auth-domains={Account.TestDomain}
        db-implementation=file
        file-path={usersFile}

        [module::MediaRelay]
        enabled={(MediaRelay ? "true" : "false")}

        """;

    /// <summary>The users file.</summary>
    public string UsersText() => "version:1\n\n" + string.Concat(Accounts.Select(account => account.UsersLine + "\n"));

    private string SecureTransports(string address, int port)
    {
        if (Authority is null)
        {
            return "";
        }

        TlsCertificateFiles files = Authority.Write(Authority.Issue(Account.TestDomain, [Account.TestDomain, address]), "server");
        string asked = AsksCertificates ? $";tls-verify-incoming=1;tls-allow-missing-client-certificate=1;tls-certificates-ca-file={Authority.File}" : "";
        return $" sips:{address}:{port + 1}{asked} sips:{address}:{port + 2};transport=wss{asked}\n" +
            $"tls-certificates-file={files.Chain}\ntls-certificates-private-key={files.Key}";
    }
}
