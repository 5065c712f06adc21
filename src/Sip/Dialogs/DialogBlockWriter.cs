using System.Buffers;
using System.Diagnostics;
using Sip.Headers;
using Sip.Messages;

namespace Sip.Dialogs;

/// <summary>Writes the pieces of a <see cref="DialogBlock"/> one after another.</summary>
internal ref struct DialogBlockWriter(int sizeHint)
{
    private byte[] octets = ArrayPool<byte>.Shared.Rent(Math.Max(sizeHint, 256));
    private int length = 0;
    private DialogBlock.PieceEnds ends = default;
    private int pieces = 0;

    public void Append(ReadOnlySpan<byte> text)
    {
        if (octets.Length - length < text.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(octets.Length * 2, length + text.Length));
            octets.AsSpan(0, length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(octets);
            octets = larger;
        }

        text.CopyTo(octets.AsSpan(length));
        length += text.Length;
    }

    public void Add(DialogPiece piece, ReadOnlySpan<byte> text)
    {
        Append(text);
        End(piece);
    }

    public void End(DialogPiece piece)
    {
        Debug.Assert((int)piece == pieces, "the pieces are written in their order");
        ends[pieces++] = length;
    }

    /// <summary>Writes a From or To without its tag, which the dialog keeps apart.</summary>
    public void AddAddress(DialogPiece piece, ReadOnlySpan<byte> value)
    {
        value = SipChars.Trim(value);
        if (!NameAddr.TryParse(value, out NameAddr address))
        {
            Add(piece, value);
            return;
        }

        Append(SipChars.Trim(value[..^address.Params.Text.Length]));
        foreach (HeaderParam param in address.Params)
        {
            if (SipChars.EqualsIgnoreCase(param.Name, "tag"u8))
            {
                continue;
            }

            Append(";"u8);
            Append(param.Name);
            if (!param.Value.IsEmpty)
            {
                Append("="u8);
                Append(param.Value);
            }
        }

        End(piece);
    }

    /// <summary>Writes the route set: the Record-Route values as they are, in order or reversed.</summary>
    public void AddRouteSet(SipMessage message, bool reversed)
    {
        // A longer route set than Max-Forwards leads nowhere, so the bound costs nobody a call.
        const int MaxRoutes = 70;
        Span<(int Start, int Length)> routes = stackalloc (int, int)[MaxRoutes];
        int count = 0;
        foreach (ReadOnlySpan<byte> route in message.Values(HeaderId.RecordRoute))
        {
            if (count < MaxRoutes && message.Bytes.Overlaps(route, out int start))
            {
                routes[count++] = (start, route.Length);
            }
        }

        for (int i = 0; i < count; i++)
        {
            (int start, int size) = routes[reversed ? count - 1 - i : i];
            if (i > 0)
            {
                Append(", "u8);
            }

            Append(message.Bytes.Slice(start, size));
        }

        End(DialogPiece.RouteSet);
    }

    /// <summary>The block, or the one before where nothing has changed.</summary>
    public readonly DialogBlock Finish(in DialogBlock before)
    {
        if (!before.Is(octets.AsSpan(0, length), ends))
        {
            return Finish();
        }

        ArrayPool<byte>.Shared.Return(octets);
        return before;
    }

    public readonly DialogBlock Finish()
    {
        Debug.Assert(pieces == DialogBlock.PieceCount, "every piece is written");
        byte[] exact = octets.AsSpan(0, length).ToArray();
        ArrayPool<byte>.Shared.Return(octets);
        return new DialogBlock(exact, ends);
    }
}
