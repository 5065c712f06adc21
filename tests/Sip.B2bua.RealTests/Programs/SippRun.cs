using Sip.B2bua.RealTests.Phones;

namespace Sip.B2bua.RealTests.Programs;

/// <summary>What sipp is to do: one scenario a number of times.</summary>
internal sealed record SippRun(string Scenario)
{
    /// <summary>UDP or TCP (one connection for all calls).</summary>
    public PhoneTransport Transport { get; init; } = PhoneTransport.Udp;

    /// <summary>The accounts that calls or registrations are made for, in turn.</summary>
    public IReadOnlyList<Account> Accounts { get; init; } = [Account.Alice];

    /// <summary>The user that is called.</summary>
    public string Callee { get; init; } = Account.Bob.User;

    /// <summary>How often the scenario is played.</summary>
    public int Count { get; init; } = 1;

    /// <summary>How many begin in a second.</summary>
    public int Rate { get; init; } = 10;

    /// <summary>How long an answered call lasts.</summary>
    public int HoldMilliseconds { get; init; } = 100;

    /// <summary>Its own port.</summary>
    public int Port { get; init; } = Loopback.NextPorts();

    /// <summary>The uri of its digest: sipp takes one for a whole run. The domain for a REGISTER, the callee for a call.</summary>
    public string DigestUri => Scenario.StartsWith("register", StringComparison.Ordinal) ? Account.TestDomain : $"{Callee}@{Account.TestDomain}";
}
