using System.Runtime.InteropServices;

namespace Sentinel.Policies.Matching;

/// <summary>Small numbers, each at most once; to forget them costs what was added, not what could be.</summary>
sealed class Marks
{
    readonly List<int> added = [];
    ulong[] bits = [];

    /// <summary>What was added, in the order of adding unless sorted since.</summary>
    public ReadOnlySpan<int> Added => CollectionsMarshal.AsSpan(added);

    /// <summary>Numbers below this may be added.</summary>
    public void Reserve(int count)
    {
        if (bits.Length < (count + 63) / 64)
            Array.Resize(ref bits, (count + 63) / 64);
    }

    public void Add(int number)
    {
        ref var word = ref bits[number >> 6];
        var bit = 1UL << number;
        if ((word & bit) != 0)
            return;
        word |= bit;
        added.Add(number);
    }

    public void Sort() => CollectionsMarshal.AsSpan(added).Sort();

    public void Clear()
    {
        foreach (var number in added)
            bits[number >> 6] = 0;
        added.Clear();
    }
}
