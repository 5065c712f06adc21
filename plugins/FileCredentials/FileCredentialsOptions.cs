namespace Sip.B2bua.Plugins.FileCredentials;

/// <summary>The settings of the credential store <c>file</c>; they stand in <c>[module::Authentication]</c>.</summary>
internal sealed class FileCredentialsOptions
{
    [Setting("The file of users and passwords, for db-implementation=file. Its first line is version:1; each further line is "
        + "user@domain clrtxt:password ; or has md5: or sha256: and a hash in the place of clrtxt: and the password. A password with other "
        + "characters than letters, digits and -.!%*_+`'~: stands in double quotes. The file is read again when it changes.", Fallback = "datasource")]
    public string FilePath { get; init; } = "";

    [Setting("How long what was read of the user database may be used before it is read again.", Min = "1s")]
    public TimeSpan CacheExpire { get; init; } = TimeSpan.FromSeconds(1800);
}
