using System.Runtime.CompilerServices;

namespace Sentinel.Siem.Correlation;

/// <summary>Where some bytes are kept, and how many.</summary>
record struct ByteChain(int First, int Length);

/// <summary>
/// Many short texts of bytes that grow at their end. They lie in cells of one size, so that what is
/// given up fits whatever comes next.
/// </summary>
sealed class ByteCells
{
    const int CellBytes = 20;
    const int None = -1;

    readonly Chunks<Cell> cells = new();
    int free = None;

    [InlineArray(CellBytes)]
    struct CellContent
    {
        byte first;
    }

    struct Cell
    {
        public int Next;
        public CellContent Content;
    }

    public static ByteChain Empty { get; } = new(None, 0);

    public void Append(ref ByteChain chain, ReadOnlySpan<byte> bytes)
    {
        var last = None;
        for (int cell = chain.First, at = 0; at < chain.Length; at += CellBytes)
            (last, cell) = (cell, cells[cell].Next);
        var used = chain.Length % CellBytes;
        chain.Length += bytes.Length;
        if (used > 0)
        {
            var fits = Math.Min(CellBytes - used, bytes.Length);
            bytes[..fits].CopyTo(((Span<byte>)cells[last].Content)[used..]);
            bytes = bytes[fits..];
        }
        for (; bytes.Length > 0; bytes = bytes[Math.Min(CellBytes, bytes.Length)..])
        {
            var cell = Take();
            bytes[..Math.Min(CellBytes, bytes.Length)].CopyTo(cells[cell].Content);
            if (last == None)
                chain.First = cell;
            else
                cells[last].Next = cell;
            last = cell;
        }
    }

    /// <param name="into">At least as long.</param>
    public void Read(ByteChain chain, Span<byte> into)
    {
        for (int cell = chain.First, at = 0; at < chain.Length; at += CellBytes)
        {
            var length = Math.Min(CellBytes, chain.Length - at);
            ((ReadOnlySpan<byte>)cells[cell].Content)[..length].CopyTo(into[at..]);
            cell = cells[cell].Next;
        }
    }

    public bool Equals(ByteChain chain, ReadOnlySpan<byte> bytes)
    {
        if (chain.Length != bytes.Length)
            return false;
        for (var cell = chain.First; bytes.Length > 0; cell = cells[cell].Next)
        {
            var length = Math.Min(CellBytes, bytes.Length);
            if (!((ReadOnlySpan<byte>)cells[cell].Content)[..length].SequenceEqual(bytes[..length]))
                return false;
            bytes = bytes[length..];
        }
        return true;
    }

    public void Free(ref ByteChain chain)
    {
        for (var at = 0; at < chain.Length; at += CellBytes)
        {
            var next = cells[chain.First].Next;
            cells[chain.First].Next = free;
            (free, chain.First) = (chain.First, next);
        }
        chain = Empty;
    }

    int Take()
    {
        if (free == None)
            return cells.Add(default);
        var cell = free;
        free = cells[cell].Next;
        return cell;
    }
}
