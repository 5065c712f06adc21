namespace Sip.B2bua.RealTests.Phones;

/// <summary>How a phone reaches the server.</summary>
public enum PhoneTransport
{
    Udp,
    Tcp,
    Tls,
}
