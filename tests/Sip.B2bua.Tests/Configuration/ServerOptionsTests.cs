using Sip.B2bua.Configuration;

namespace Sip.B2bua.Tests.Configuration;

public sealed class ServerOptionsTests
{
    [Theory]
    [InlineData("dns-servers=192.0.2.53 ns.example.org", "dns-servers")]
    [InlineData("dns-timeout=1ms", "dns-timeout")]
    [InlineData("transports=sip:host:port", "transports")]
    [InlineData("transports=", "transports")]
    [InlineData("rtp-bind-address=here", "rtp-bind-address")]
    [InlineData("rtp-bind-address=0.0.0.0 ::0 127.0.0.1", "rtp-bind-address")]
    [InlineData("unique-id=12345", "unique-id")]
    [InlineData("unique-id=0123456789abcdeg", "unique-id")]
    [InlineData("tls-certificates-file=/a.pem", "tls-certificates-private-key")]
    [InlineData("transports=sips:*", "tls-certificates-file")]
    [InlineData("transports=sips:*;tls-certificates-file=/none.pem", "transports")]
    [InlineData("transports=sips:*;tls-certificates-file=/a.pem,/b.pem;tls-certificates-private-key=/a.key", "transports")]
    [InlineData("tls-min-version=1.1", "tls-min-version")]
    [InlineData("websocket-path=sip", "websocket-path")]
    [InlineData("show-body-for=content-type = 'x'", "show-body-for")]
    [InlineData("event-loops=-1", "event-loops")]
    [InlineData("transaction-timeout=1", "transaction-timeout")]
    public void A_value_that_cannot_be_used_is_told(string line, string key) =>
        Assert.Equal(key, Assert.Single(SampleOptions.Bind("[global]\n" + line).Mistakes).Key);

    [Fact]
    public void Name_servers_are_read_with_their_ports()
    {
        var bound = SampleOptions.Bind("[global]\ndns-servers=192.0.2.53 192.0.2.54:5353 2001:db8::53 [2001:db8::54]:5353");
        Assert.Empty(bound.Mistakes);
        Assert.Equal(
            ["192.0.2.53:53", "192.0.2.54:5353", "[2001:db8::53]:53", "[2001:db8::54]:5353"],
            bound.Server.NameServers().Select(server => server.ToString()));
    }

    [Fact]
    public void The_global_section_of_a_Flexisip_file_binds_without_a_mistake()
    {
        // Every key Flexisip has, with a value of its own file.
        var bound = SampleOptions.Bind("""
            [global]
            default-servers=proxy
            plugins-dir=/opt/belledonne-communications/lib/flexisip/plugins
            plugins=
            dump-corefiles=false
            enable-snmp=false
            watchdog-notify-interval=1s
            log-directory=/var/opt/belledonne-communications/log/flexisip
            log-filename=flexisip-{server}.log
            log-level=error
            syslog-level=error
            sofia-level=5
            user-errors-logs=false
            contextual-log-filter=
            contextual-log-level=debug
            show-body-for=content-type == 'application/sdp'
            transports=sip:* sips:sip.example.org:5061;maddr=192.0.2.1;tls-verify-outgoing=0
            aliases=localhost sip.example.org
            idle-timeout=3600
            connection-establishment-timeout=60s
            keepalive-interval=1800
            proxy-to-proxy-keepalive-interval=0
            transaction-timeout=32000
            udp-mtu=1460
            tcp-max-read-size=524288
            rtp-bind-address=0.0.0.0 ::0
            tls-certificates-check-interval=1
            tls-certificates-file=/etc/flexisip/tls/agent.pem
            tls-certificates-private-key=/etc/flexisip/tls/agent.pem
            tls-certificates-ca-file=
            tls-ciphers=HIGH:!SSLv2:!SSLv3:!TLSv1:!EXP:!ADH:!RC4:!3DES:!aNULL:!eNULL
            require-peer-certificate=false
            unique-id=
            tport-message-queue-size=1000
            memory-usage-log-interval=0
            advanced-account-data=
            auto-respawn=true
            [global::flexiapi]
            url=
            [cluster]
            enabled=false
            """);

        // But for the certificate, which no machine of ours has.
        Assert.Equal("tls-certificates-file", Assert.Single(bound.Mistakes).Key);
        Assert.Equal(2, bound.Server.TransportUris().Count);
    }

    [Fact]
    public void The_shortest_file_of_a_user_binds_with_warnings_only()
    {
        IReadOnlyList<SectionSchema> schemas =
        [
            .. SampleOptions.Schemas,
            SectionSchema.Module("Registrar", "Keeps bindings.", true, [typeof(Registrar)]),
            SectionSchema.Module("Authentication", "Asks for passwords.", false, [typeof(Authentication), typeof(FileStore)]),
        ];
        var bound = OptionsBinder.Bind(schemas, FlexisipIni.FromText("flexisip.conf", """
            [global]
            debug=true
            aliases=sip.example.org

            [module::Registrar]
            enabled=true
            reg-domains=sip.example.org
            db-implementation=internal

            [module::Authentication]
            enabled=true
            auth-domains=sip.example.org
            db-implementation=file
            datasource=/etc/flexisip/users.db.txt
            """));
        Assert.Empty(bound.Mistakes);
        Assert.Equal([2, 14], bound.Warnings.Select(w => w.Line));
        Assert.Equal("/etc/flexisip/users.db.txt", bound.Get<FileStore>("module::Authentication").FilePath);
        Assert.Equal("/etc/flexisip/users.db.txt", bound.Written("module::Authentication", "file-path"));
        Assert.Equal(["sip.example.org"], bound.Get<Registrar>("module::Registrar").RegDomains);
        Assert.True(bound.Filter("module::Authentication").Enabled);
    }

    private sealed class Registrar
    {
        [Setting("Domains.")]
        public IReadOnlyList<string> RegDomains { get; set; } = ["localhost"];

        [Setting("Store.", Words = ["internal", "redis"])]
        public string DbImplementation { get; set; } = "internal";
    }

    private sealed class Authentication
    {
        [Setting("Domains.")]
        public IReadOnlyList<string> AuthDomains { get; set; } = ["localhost"];

        [Setting("Store.")]
        public string DbImplementation { get; set; } = "file";
    }

    // A store's own settings in the section of the module that uses it.
    private sealed class FileStore
    {
        [Setting("File.", Fallback = "datasource")]
        public string FilePath { get; set; } = "";
    }
}
