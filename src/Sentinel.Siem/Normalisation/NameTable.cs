using System.Runtime.InteropServices;
using System.Text;

namespace Sentinel.Siem.Normalisation;

/// <summary>Names with a number each, found by their UTF-8 without making a string.</summary>
sealed class NameTable
{
    readonly int[] heads;
    readonly (byte[] Name, int Next)[] entries;

    public NameTable(IEnumerable<string> names)
    {
        byte[][] all = [.. names.Select(Encoding.UTF8.GetBytes)];
        heads = new int[
            (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)all.Length * 2 + 2)
        ];
        entries = new (byte[], int)[all.Length];
        for (var i = 0; i < all.Length; i++)
        {
            ref var head = ref heads[Hash(all[i]) & (heads.Length - 1)];
            entries[i] = (all[i], head);
            head = i + 1;
        }
    }

    /// <summary>The name's number, or -1.</summary>
    public int Find(ReadOnlySpan<byte> name)
    {
        for (var at = heads[Hash(name) & (heads.Length - 1)]; at > 0; at = entries[at - 1].Next)
            if (name.SequenceEqual(entries[at - 1].Name))
                return at - 1;
        return -1;
    }

    // The names in the table are the policies' own, so nobody can make a chain long from outside.
    static int Hash(ReadOnlySpan<byte> name)
    {
        const ulong Factor = 0x9E3779B97F4A7C15;
        var hash = (ulong)name.Length;
        while (name.Length >= 8)
        {
            hash = (hash ^ MemoryMarshal.Read<ulong>(name)) * Factor;
            hash ^= hash >> 29;
            name = name[8..];
        }
        ulong rest = 0;
        foreach (var b in name)
            rest = (rest << 8) | b;
        hash = (hash ^ rest) * Factor;
        return (int)(hash >> 40);
    }
}
