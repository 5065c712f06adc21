using System.Runtime.CompilerServices;

namespace Sip.Dialogs;

/// <summary>All texts of a dialog in one array of exactly their length: an idle call must cost little.</summary>
internal readonly struct DialogBlock(byte[] octets, DialogBlock.PieceEnds ends)
{
    public const int PieceCount = 8;

    private readonly byte[] octets = octets;
    private readonly PieceEnds ends = ends;

    public ReadOnlySpan<byte> this[DialogPiece piece]
    {
        get
        {
            int start = piece == 0 ? 0 : ends[(int)piece - 1];
            return octets.AsSpan(start, ends[(int)piece] - start);
        }
    }

    public int Length => octets.Length;

    /// <summary>Whether it has just these octets and pieces.</summary>
    public bool Is(ReadOnlySpan<byte> text, in PieceEnds other) =>
        text.SequenceEqual(octets) && ((ReadOnlySpan<int>)ends).SequenceEqual(other);

    /// <summary>A block with one piece exchanged.</summary>
    public DialogBlock With(DialogPiece piece, ReadOnlySpan<byte> value)
    {
        DialogBlockWriter writer = new(octets.Length + value.Length);
        for (int i = 0; i < PieceCount; i++)
        {
            writer.Append((DialogPiece)i == piece ? value : this[(DialogPiece)i]);
            writer.End((DialogPiece)i);
        }

        return writer.Finish();
    }

    /// <summary>Where each piece ends.</summary>
    [InlineArray(PieceCount)]
    internal struct PieceEnds
    {
        private int first;
    }
}
