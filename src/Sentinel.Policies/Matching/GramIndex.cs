using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Sentinel.Policies.Matching;

/// <summary>
/// Literals that may occur anywhere in a text, each filed under the rarest of its grams: so many
/// successive bytes. A text is walked once, and most of its bytes ask one bit of a filter.
/// </summary>
sealed class GramIndex
{
    public const int WidthMax = sizeof(uint);

    const uint Multiplier = 2654435761;
    const int FilterBitsPerGram = 32;

    readonly int width;
    readonly int stride;
    readonly uint mask;
    readonly int shift;
    readonly ulong[] filter;
    readonly Dictionary<uint, Entry[]> entries;

    /// <param name="literals">Each as long as <paramref name="width"/> and a stride, less one.</param>
    /// <param name="width">1 to <see cref="WidthMax"/>.</param>
    /// <param name="stride">
    /// Of a text, only the gram at each so many bytes is looked at: a literal is filed under so many
    /// successive grams, one of which is met wherever it stands.
    /// </param>
    public GramIndex(IEnumerable<(string Text, int Number)> literals, int width, int stride)
    {
        (this.width, this.stride) = (width, stride);
        mask = uint.MaxValue >> (8 * (WidthMax - width));
        var all = literals.Select(l => (Bytes: Encoding.ASCII.GetBytes(l.Text), l.Number)).ToList();
        var counts = all.SelectMany(l => Grams(l.Bytes)).CountBy(g => g).ToDictionary();
        entries = all.SelectMany(l => File(l.Bytes, l.Number, counts))
            .GroupBy(e => e.Gram, e => e.Entry)
            .ToDictionary(g => g.Key, g => g.ToArray());
        var bits = BitOperations.RoundUpToPowerOf2((uint)(64 + FilterBitsPerGram * entries.Count));
        shift = 32 - BitOperations.Log2(bits);
        filter = new ulong[bits / 64];
        foreach (var gram in entries.Keys)
            filter[Bit(gram) >> 6] |= 1UL << (int)Bit(gram);
    }

    /// <summary>Adds the number of each literal that occurs.</summary>
    public void Find(FoldedText text, Marks found)
    {
        // Read without bounds: the padding is as long as the widest gram, and a hash is below the bits.
        ref var bytes = ref MemoryMarshal.GetReference(text.Padded);
        ref var bits = ref MemoryMarshal.GetArrayDataReference(filter);
        var (mask, shift, stride) = (this.mask, this.shift, this.stride);
        for (var (i, last) = (0, text.Length - width); i <= last; i += stride)
        {
            var gram = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref bytes, i)) & mask;
            var bit = gram * Multiplier >> shift;
            if ((Unsafe.Add(ref bits, bit >> 6) >> (int)bit & 1) != 0)
                Check(text.Bytes, i, gram, found);
        }
    }

    void Check(ReadOnlySpan<byte> text, int at, uint gram, Marks found)
    {
        if (!entries.TryGetValue(gram, out var filed))
            return;
        foreach (var entry in filed)
        {
            var start = at - entry.Offset;
            if (start >= 0 && text[start..].StartsWith(entry.Bytes))
                found.Add(entry.Number);
        }
    }

    uint Bit(uint gram) => gram * Multiplier >> shift;

    IEnumerable<uint> Grams(byte[] bytes) =>
        Enumerable.Range(0, bytes.Length - width + 1).Select(i => Gram(bytes, i)).Distinct();

    /// <summary>Under the successive grams of which the commonest is the rarest.</summary>
    IEnumerable<(uint Gram, Entry Entry)> File(
        byte[] bytes,
        int number,
        Dictionary<uint, int> counts
    )
    {
        var starts = bytes.Length - width - stride + 2;
        var best = Enumerable
            .Range(0, starts)
            .MinBy(start => Enumerable.Range(start, stride).Max(i => counts[Gram(bytes, i)]));
        return Enumerable
            .Range(best, stride)
            .Select(i => (Gram(bytes, i), new Entry(bytes, i, number)));
    }

    uint Gram(byte[] bytes, int at)
    {
        uint gram = 0;
        for (var i = 0; i < width; i++)
            gram |= (uint)bytes[at + i] << (8 * i);
        return gram;
    }

    readonly record struct Entry(byte[] Bytes, int Offset, int Number);
}
