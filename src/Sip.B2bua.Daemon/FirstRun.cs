using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Sip.B2bua.Configuration;

namespace Sip.B2bua.Daemon;

/// <summary>
/// The first start: users come from a file, and there is none yet. Makes one with two users and tells what to type into their phones,
/// so that a first call is a matter of minutes.
/// </summary>
internal sealed class FirstRun(BoundConfiguration configuration, bool showPasswords)
{
    private const string Section = "module::Authentication";
    private const string Letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    private const int PasswordLength = 16;
    private static readonly string[] Users = ["alice", "bob"];

    /// <summary>Makes the user file if one is wanted and missing.</summary>
    /// <param name="output">Receives what to type into the phones.</param>
    /// <returns>False when the file is wanted, missing and cannot be made; the reason was written.</returns>
    public bool Prepare(TextWriter output)
    {
        var path = configuration.Written(Section, "file-path");
        if (string.IsNullOrEmpty(path)
            || configuration.Written(Section, "db-implementation") != "file"
            || !configuration.Filter(Section).Enabled
            || File.Exists(path))
        {
            return true;
        }

        // Without a name the users are those of this machine, and stay so when it gets another address.
        var name = Name();
        var passwords = Users.Select(_ => RandomNumberGenerator.GetString(Letters, PasswordLength)).ToArray();
        try
        {
            Write(path, name ?? MachineUsers.Domain, passwords);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            output.WriteLine($"There is no user file {path}, and none can be made: {e.Message}");
            return false;
        }

        Tell(output, path, name ?? Bracketed(Address(configuration.Server.TransportUris()[0])), passwords);
        return true;
    }

    private static void Write(string path, string domain, string[] passwords)
    {
        var text = new StringBuilder();
        text.Append("version:1\n\n# One user a line; the blank before the semicolon belongs there:\n# user@domain clrtxt:password ;\n");
        for (var i = 0; i < Users.Length; i++)
        {
            text.Append(Users[i]).Append('@').Append(domain).Append(" clrtxt:").Append(passwords[i]).Append(" ;\n");
        }

        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
        {
            Directory.CreateDirectory(folder);
        }

        // Never over a file that came meanwhile, and never readable by others, not for a moment.
        var create = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(path, create);
        file.Write(Encoding.ASCII.GetBytes(text.ToString()));
    }

    private void Tell(TextWriter output, string path, string domain, string[] passwords)
    {
        output.WriteLine();
        output.WriteLine($"This is the first start: {path} was made, with two users.");
        output.WriteLine("Type this into two phones, then call the one from the other:");
        output.WriteLine();
        output.WriteLine("              phone 1            phone 2");
        output.WriteLine($"  user        {Users[0],-19}{Users[1]}");
        var shown = showPasswords ? passwords : ["(in the file)", "(in the file)"];
        output.WriteLine($"  password    {shown[0],-19}{shown[1]}");
        output.WriteLine($"  domain      {domain,-19}{domain}");
        var first = configuration.Server.TransportUris()[0];
        var port = first.Port is 0 or 5060 ? "" : $":{first.Port}";
        var proxy = Bracketed(Address(first)) + port;
        output.WriteLine($"  proxy       {proxy,-19}{proxy}");
        output.WriteLine($"  transport   {first.Tokens[0],-19}{first.Tokens[0]}");
        output.WriteLine();
    }

    /// <summary>The first real name that the configuration serves, or null.</summary>
    private string? Name()
    {
        var named = $"{configuration.Written(Section, "auth-domains")} {configuration.Written("module::Registrar", "reg-domains")} {configuration.Written(ServerOptions.Section, "aliases")}";
        return named.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .FirstOrDefault(word => word != MachineUsers.Domain && !word.Contains('*', StringComparison.Ordinal));
    }

    private static string Address(TransportUri uri) =>
        uri.Host is "*" or "0.0.0.0" or "::" ? OwnAddress() : uri.Host;

    /// <summary>The address by which this machine reaches others. Connecting a UDP socket asks the routing table and sends nothing.</summary>
    private static string OwnAddress()
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 9));
            return ((IPEndPoint)socket.LocalEndPoint!).Address.ToString();
        }
        catch (SocketException)
        {
            return IPAddress.Loopback.ToString();
        }
    }

    private static string Bracketed(string host) => host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
}
