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
    const int SlotsPerEntry = 2;

    readonly int width;
    readonly int stride;
    readonly uint mask;
    readonly int shift;
    readonly ulong[] filter;

    // Entries of one gram stand together; a slot names the first of them, or is 0.
    readonly Entry[] entries;
    readonly int[] slots;
    readonly int slotShift;

    /// <param name="literals">Each as long as <paramref name="width"/> and a stride, less one.</param>
    /// <param name="width">1 to <see cref="WidthMax"/>.</param>
    /// <param name="stride">
    /// Of a text, only the gram at each so many bytes is looked at: a literal is filed under so many
    /// successive grams, one of which is met wherever it stands.
    /// </param>
    public GramIndex(IReadOnlyList<(string Text, int Number)> literals, int width, int stride)
    {
        (this.width, this.stride) = (width, stride);
        mask = uint.MaxValue >> (8 * (WidthMax - width));
        entries = new Entry[literals.Count * stride];
        File(literals);
        Array.Sort(entries, static (a, b) => a.Gram.CompareTo(b.Gram));
        shift = ShiftFor(64 + FilterBitsPerGram * entries.Length);
        filter = new ulong[(1 << (32 - shift)) / 64];
        slotShift = ShiftFor(SlotsPerEntry * entries.Length);
        slots = new int[1 << (32 - slotShift)];
        for (var i = 0; i < entries.Length; i++)
            if (i == 0 || entries[i].Gram != entries[i - 1].Gram)
                Add(entries[i].Gram, i);
    }

    static int ShiftFor(int least) =>
        32 - BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)Math.Max(2, least)));

    void Add(uint gram, int first)
    {
        var bit = gram * Multiplier >> shift;
        filter[bit >> 6] |= 1UL << (int)bit;
        var slot = gram * Multiplier >> slotShift;
        while (slots[slot] != 0)
            slot = (slot + 1) & (uint)(slots.Length - 1);
        slots[slot] = first + 1;
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
        var slot = gram * Multiplier >> slotShift;
        for (int first; (first = slots[slot]) != 0; slot = (slot + 1) & (uint)(slots.Length - 1))
        {
            if (entries[first - 1].Gram != gram)
                continue;
            for (var i = first - 1; i < entries.Length && entries[i].Gram == gram; i++)
            {
                ref readonly var entry = ref entries[i];
                var start = at - entry.Offset;
                if (start >= 0 && text[start..].StartsWith(entry.Bytes))
                    found.Add(entry.Number);
            }
            return;
        }
    }

    /// <summary>Each literal under the successive grams of which the commonest is the rarest.</summary>
    void File(IReadOnlyList<(string Text, int Number)> literals)
    {
        var texts = new byte[literals.Count][];
        for (var i = 0; i < texts.Length; i++)
            texts[i] = Encoding.ASCII.GetBytes(literals[i].Text);
        var counts = new GramCounts(texts.Sum(t => t.Length));
        foreach (var bytes in texts)
            for (var at = 0; at <= bytes.Length - width; at++)
                counts.Of(Gram(bytes, at))++;
        for (var (i, next) = (0, 0); i < texts.Length; i++)
        for (var (at, end) = (Rarest(texts[i], counts), next + stride); next < end; at++)
            entries[next++] = new Entry(Gram(texts[i], at), texts[i], at, literals[i].Number);
    }

    int Rarest(byte[] bytes, GramCounts counts)
    {
        var (best, least) = (0, int.MaxValue);
        for (var start = 0; start <= bytes.Length - width - stride + 1; start++)
        {
            var most = 0;
            for (var at = start; at < start + stride; at++)
                most = Math.Max(most, counts.Of(Gram(bytes, at)));
            if (most < least)
                (best, least) = (start, most);
        }
        return best;
    }

    uint Gram(byte[] bytes, int at)
    {
        uint gram = 0;
        for (var i = 0; i < width; i++)
            gram |= (uint)bytes[at + i] << (8 * i);
        return gram;
    }

    readonly record struct Entry(uint Gram, byte[] Bytes, int Offset, int Number);

    /// <summary>How often grams occur; those that fall together by chance count as one, and so as common.</summary>
    readonly struct GramCounts(int most)
    {
        readonly int[] counts = new int[1 << (32 - ShiftFor(SlotsPerEntry * most))];
        readonly int shift = ShiftFor(SlotsPerEntry * most);

        public ref int Of(uint gram) => ref counts[gram * Multiplier >> shift];
    }
}
