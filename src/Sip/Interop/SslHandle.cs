using System.Runtime.InteropServices;

namespace Sip.Interop;

/// <summary>Owns an SSL, the state of one TLS connection.</summary>
internal sealed class SslHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        OpenSsl.FreeSession(handle);
        return true;
    }
}
