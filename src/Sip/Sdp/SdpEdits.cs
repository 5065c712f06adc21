using System.Buffers.Text;

namespace Sip.Sdp;

/// <summary>
/// The changes that an <see cref="SdpWriter"/> makes on its way through the lines: for each line whether it stays, goes or is
/// replaced, and the lines that come after it. The new text lies in one growing array, so that editing allocates nothing.
/// </summary>
internal sealed class SdpEdits
{
    private const int Kept = -1;
    private const int Removed = -2;

    private byte[] text = new byte[1024];
    private int textLength;
    private Added[] added = new Added[16];
    private int addedCount;
    private Change[] changes = new Change[64];

    private struct Change
    {
        /// <summary>Offset of the replacing text, or <see cref="Kept"/>, or <see cref="Removed"/>.</summary>
        public int Start;
        public int Length;

        /// <summary>The first and last added line behind this one, or -1.</summary>
        public int FirstAdded;
        public int LastAdded;
    }

    private record struct Added(int Start, int Length, int Next);

    public void Reset(int lineCount)
    {
        if (changes.Length < lineCount)
        {
            changes = new Change[int.Max(lineCount, changes.Length * 2)];
        }

        textLength = 0;
        addedCount = 0;
        changes.AsSpan(0, lineCount).Fill(new Change { Start = Kept, FirstAdded = -1, LastAdded = -1 });
    }

    public bool IsRemoved(int line) => changes[line].Start == Removed;

    public bool IsReplaced(int line) => changes[line].Start >= 0;

    public ReadOnlySpan<byte> Replacement(int line) => text.AsSpan(changes[line].Start, changes[line].Length);

    public int FirstAdded(int line) => changes[line].FirstAdded;

    public ReadOnlySpan<byte> AddedText(int index) => text.AsSpan(added[index].Start, added[index].Length);

    public int NextAdded(int index) => added[index].Next;

    public void Remove(int line) => changes[line].Start = Removed;

    /// <summary>Begins new text; what is appended from here is its content.</summary>
    public int BeginText() => textLength;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (textLength + bytes.Length > text.Length)
        {
            Array.Resize(ref text, int.Max(text.Length * 2, textLength + bytes.Length));
        }

        bytes.CopyTo(text.AsSpan(textLength));
        textLength += bytes.Length;
    }

    public void Append(ulong number)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(number, digits, out int written);
        Append(digits[..written]);
    }

    public void ReplaceWithText(int line, int begin)
    {
        changes[line].Start = begin;
        changes[line].Length = textLength - begin;
    }

    public void AddText(int afterLine, int begin)
    {
        if (addedCount == added.Length)
        {
            Array.Resize(ref added, added.Length * 2);
        }

        added[addedCount] = new Added(begin, textLength - begin, -1);
        ref Change at = ref changes[afterLine];
        if (at.FirstAdded < 0)
        {
            at.FirstAdded = addedCount;
        }
        else
        {
            added[at.LastAdded].Next = addedCount;
        }

        at.LastAdded = addedCount++;
    }
}
