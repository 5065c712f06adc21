using System.Runtime.InteropServices;

namespace Sip.Interop;

/// <summary>Owns an SSL_CTX. Sessions made from it count it for themselves, so it may be disposed of before them.</summary>
internal sealed class SslContextHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        OpenSsl.FreeContext(handle);
        return true;
    }
}
