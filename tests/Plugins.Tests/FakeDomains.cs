using System.Text;
using Sip.B2bua;
using Sip.Transports;

namespace Plugins.Tests;

/// <summary>The server is 198.51.100.1:5060, and serves the given domains.</summary>
internal sealed class FakeDomains(params string[] served) : ILocalDomains
{
    public bool IsUs(ReadOnlySpan<byte> host, int port) => Encoding.UTF8.GetString(host) == "198.51.100.1" && port is -1 or 5060;

    public bool IsUs(in SipAddress address) => address.ToString() == "198.51.100.1:5060";

    public bool IsServedDomain(ReadOnlySpan<byte> host) => served.Contains(Encoding.UTF8.GetString(host).ToLowerInvariant());
}
