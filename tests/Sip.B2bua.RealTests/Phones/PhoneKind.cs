namespace Sip.B2bua.RealTests.Phones;

/// <summary>Which phone program.</summary>
public enum PhoneKind
{
    Baresip,
    Linphone,
}
