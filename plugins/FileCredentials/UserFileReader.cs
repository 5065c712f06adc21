using System.Buffers;
using System.Text;
using Sip.Headers;

namespace Sip.B2bua.Plugins.FileCredentials;

/// <summary>
/// Reads the text of a user file. Grammar:
/// <code>
/// file      = "version:1" EOL *( comment / blank / user-line )
/// user-line = identity 1*WSP 1*( algo ":" password 1*WSP ) ";" *WSP [ user-id ] [ 1*WSP phone ] *WSP EOL
/// identity  = [ user "@" ] domain
/// algo      = "clrtxt" / "md5" / "sha256"
/// password  = token / DQUOTE *( any / "\" any ) DQUOTE
/// </code>
/// </summary>
internal ref struct UserFileReader
{
    private static readonly SearchValues<char> TokenChars =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~:");

    private readonly string path;
    private readonly List<string> mistakes;
    private readonly Dictionary<(string User, string Domain), Credential> users = [];
    private ReadOnlySpan<char> line;
    private int number;
    private int at;

    private UserFileReader(string path, List<string> mistakes)
    {
        this.path = path;
        this.mistakes = mistakes;
    }

    /// <summary>Reads a file's text; null when there is any mistake.</summary>
    /// <param name="path">The name for messages.</param>
    /// <param name="text">The text.</param>
    /// <param name="mistakes">Gets every mistake as <c>path:line:column: what</c>.</param>
    public static UserFile? Read(string path, string text, List<string> mistakes)
    {
        UserFileReader reader = new(path, mistakes);
        foreach (ReadOnlySpan<char> raw in text.AsSpan().EnumerateLines())
        {
            reader.line = raw;
            reader.number++;
            reader.at = 0;
            reader.ReadLine();
        }

        return mistakes.Count == 0 ? new UserFile(reader.users) : null;
    }

    private void ReadLine()
    {
        if (number == 1)
        {
            if (line.TrimEnd() is not "version:1")
            {
                Mistake("the first line must be version:1");
            }

            return;
        }

        SkipBlanks();
        if (at == line.Length || line[at] == '#')
        {
            return;
        }

        if (TryReadIdentity(out string user, out string domain) && TryReadSecrets(out Credential secrets) && TryReadUserId(out string userId))
        {
            string name = userId.Length > 0 ? userId : user.Length > 0 ? user : domain;
            users[(user, domain)] = Complete(secrets with { AuthenticationName = name }, domain);
        }
    }

    private bool TryReadIdentity(out string user, out string domain)
    {
        user = "";
        domain = ReadToken().ToString();
        if (domain.Length > 0 && at < line.Length && line[at] == '@')
        {
            user = Uri.UnescapeDataString(domain);
            at++;
            domain = ReadToken().ToString();
        }

        domain = domain.ToLowerInvariant();
        if (domain.Length == 0)
        {
            return Mistake("user@domain is expected here");
        }

        return SkipBlanks() > 0 || Mistake("a blank is expected after user@domain");
    }

    private bool TryReadSecrets(out Credential secrets)
    {
        secrets = new Credential { AuthenticationName = "" };
        int count = 0;
        while (at < line.Length && line[at] != ';')
        {
            if (!TryReadSecret(ref secrets))
            {
                return false;
            }

            count++;
            if (SkipBlanks() == 0)
            {
                return Mistake(at == line.Length ? "a blank and ; are expected after the passwords"
                    : line[at] == ';' ? "a blank is expected before ;"
                    : "a password with this character must stand in double quotes");
            }
        }

        if (at == line.Length)
        {
            return Mistake("a blank and ; are expected after the passwords");
        }

        at++;
        return count > 0 || Mistake("clrtxt:, md5: or sha256: is expected before ;");
    }

    private bool TryReadSecret(ref Credential secrets)
    {
        int start = at;
        int colon = line[at..].IndexOf(':');
        ReadOnlySpan<char> algorithm = colon < 0 ? [] : line[at..(at + colon)];
        at += colon + 1;
        int hashLength = algorithm switch { "clrtxt" => 0, "md5" => 32, "sha256" => 64, _ => -1 };
        if (hashLength < 0)
        {
            at = start;
            return Mistake("clrtxt:, md5: or sha256: is expected here");
        }

        start = at;
        if (!TryReadPassword(out string password))
        {
            return false;
        }

        if (hashLength == 0)
        {
            // The password makes both hashes; those before it on the line are of no account.
            secrets = secrets with { ClearText = password, Md5 = null, Sha256 = null };
            return true;
        }

        if (password.Length != hashLength || !password.All(char.IsAsciiHexDigit))
        {
            at = start;
            return Mistake($"a hash of {hashLength} hexadecimal digits is expected here");
        }

        password = password.ToLowerInvariant();
        secrets = hashLength == 32 ? secrets with { Md5 = password } : secrets with { Sha256 = password };
        return true;
    }

    private bool TryReadPassword(out string password)
    {
        password = "";
        if (at < line.Length && line[at] == '"')
        {
            StringBuilder text = new();
            int open = at;
            for (at++; at < line.Length && line[at] != '"'; at++)
            {
                if (line[at] == '\\' && at + 1 < line.Length)
                {
                    at++;
                }

                text.Append(line[at]);
            }

            password = text.ToString();
            bool closed = at < line.Length;
            at = closed ? at + 1 : open;
            return closed || Mistake("the closing quote of this one is missing");
        }

        password = ReadToken().ToString();
        return password.Length > 0 || Mistake("a password is expected here; one with other characters must stand in double quotes");
    }

    private bool TryReadUserId(out string userId)
    {
        SkipBlanks();
        userId = Uri.UnescapeDataString(ReadToken());
        SkipBlanks();

        // The phone number is an alias for the presence server of Flexisip; it is read over.
        ReadToken();
        SkipBlanks();
        return at == line.Length || Mistake("only a user-id and a phone number may stand after ;");
    }

    private static Credential Complete(Credential credential, string domain)
    {
        if (credential.ClearText is not { } password)
        {
            return credential;
        }

        return credential with
        {
            Md5 = credential.Md5 ?? Hash(DigestAlgorithm.Md5, credential.AuthenticationName, domain, password),
            Sha256 = credential.Sha256 ?? Hash(DigestAlgorithm.Sha256, credential.AuthenticationName, domain, password),
        };
    }

    private static string Hash(DigestAlgorithm algorithm, string user, string realm, string password)
    {
        Span<byte> hex = stackalloc byte[DigestHash.MaxHexLength];
        int length = DigestHash.Ha1(
            algorithm, Encoding.UTF8.GetBytes(user), Encoding.UTF8.GetBytes(realm), Encoding.UTF8.GetBytes(password), hex);
        return Encoding.ASCII.GetString(hex[..length]);
    }

    private int SkipBlanks()
    {
        int start = at;
        while (at < line.Length && (line[at] == ' ' || line[at] == '\t'))
        {
            at++;
        }

        return at - start;
    }

    private ReadOnlySpan<char> ReadToken()
    {
        ReadOnlySpan<char> rest = line[at..];
        int end = rest.IndexOfAnyExcept(TokenChars);
        ReadOnlySpan<char> token = end < 0 ? rest : rest[..end];
        at += token.Length;
        return token;
    }

    private readonly bool Mistake(string what)
    {
        mistakes.Add($"{path}:{number}:{at + 1}: {what}");
        return false;
    }
}
