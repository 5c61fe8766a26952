using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Sentinel.Policies.Matching;

/// <summary>
/// Literals at one edge of a text, each filed under its outermost 1, 2, 4, 8, 16 or 32 bytes: one look-up
/// for each of these lengths that occurs, however long the text.
/// </summary>
sealed class EdgeIndex
{
    const int KeyBytesMax = 32;

    readonly bool atEnd;
    readonly (int KeyBytes, Dictionary<ulong, Entry[]> Entries)[] tables;

    public EdgeIndex(IEnumerable<(SoughtText Sought, int Number)> literals, bool atEnd)
    {
        this.atEnd = atEnd;
        tables =
        [
            .. literals
                .Select(l => new Entry(
                    Encoding.ASCII.GetBytes(l.Sought.Text),
                    l.Sought.Place == SoughtPlace.Whole,
                    l.Number
                ))
                .GroupBy(e => KeyBytesOf(e.Bytes))
                .OrderBy(g => g.Key)
                .Select(g => (g.Key, File(g, g.Key))),
        ];
    }

    /// <summary>Adds the number of each literal that stands at the edge.</summary>
    public void Find(ReadOnlySpan<byte> text, Marks found)
    {
        foreach (var (keyBytes, entries) in tables)
        {
            if (text.Length < keyBytes)
                return;
            if (!entries.TryGetValue(Key(text, keyBytes), out var filed))
                continue;
            foreach (var entry in filed)
                if (Fits(text, entry))
                    found.Add(entry.Number);
        }
    }

    bool Fits(ReadOnlySpan<byte> text, in Entry entry) =>
        (!entry.Whole || text.Length == entry.Bytes.Length)
        && (atEnd ? text.EndsWith(entry.Bytes) : text.StartsWith(entry.Bytes));

    Dictionary<ulong, Entry[]> File(IEnumerable<Entry> literals, int keyBytes) =>
        literals.GroupBy(e => Key(e.Bytes, keyBytes)).ToDictionary(g => g.Key, g => g.ToArray());

    static int KeyBytesOf(byte[] literal) =>
        Math.Min(KeyBytesMax, 1 << BitOperations.Log2((uint)literal.Length));

    ulong Key(ReadOnlySpan<byte> text, int keyBytes)
    {
        var key = atEnd ? text[^keyBytes..] : text[..keyBytes];
        switch (keyBytes)
        {
            case 1:
                return key[0];
            case 2:
                return BinaryPrimitives.ReadUInt16LittleEndian(key);
            case 4:
                return BinaryPrimitives.ReadUInt32LittleEndian(key);
        }
        // What falls together by chance is told apart by the comparison.
        ulong hash = 0;
        for (; !key.IsEmpty; key = key[sizeof(ulong)..])
            hash = hash * 0x9E3779B97F4A7C15 ^ BinaryPrimitives.ReadUInt64LittleEndian(key);
        return hash;
    }

    readonly record struct Entry(byte[] Bytes, bool Whole, int Number);
}
