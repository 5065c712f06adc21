using System.Buffers;
using Sip.Messages;

namespace Sip.B2bua.Plugins.MediaRelay;

/// <summary>Takes a rewritten description into a buffer of the call's loop; it is written in one piece of known length.</summary>
internal sealed class SdpOutput(SessionContext context) : IBufferWriter<byte>
{
    private SipBuffer? buffer;

    /// <summary>Puts what was written in the place of the description that crosses.</summary>
    public void Replace()
    {
        if (buffer is not null)
        {
            context.Replace(buffer);
            buffer = null;
        }
    }

    public void Advance(int count)
    {
        if (buffer is not null)
        {
            buffer.Length = count;
        }
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        buffer?.Release();
        buffer = context.Rent(sizeHint);
        return buffer.Array;
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
