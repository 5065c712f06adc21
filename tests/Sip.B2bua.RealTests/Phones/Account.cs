namespace Sip.B2bua.RealTests.Phones;

/// <summary>Somebody who may register.</summary>
internal sealed record Account(string User, string Password, string Domain = Account.TestDomain)
{
    /// <summary>The domain that the server under test serves.</summary>
    public const string TestDomain = "sip.example";

    public static readonly Account Alice = new("alice", "wonderland");
    public static readonly Account Bob = new("bob", "builder");

    /// <summary>The address-of-record.</summary>
    public string Uri => $"sip:{User}@{Domain}";

    /// <summary>The account's line of a users file (version 1).</summary>
    public string UsersLine => $"{User}@{Domain} clrtxt:{Password} ;";
}
