namespace Sentinel.Siem.Correlation;

/// <summary>
/// A list that grows without moving what it holds: there may be a million entries, and a copy of them
/// would be held beside them.
/// </summary>
sealed class Chunks<T>
    where T : struct
{
    const int Bits = 12;
    const int ChunkLength = 1 << Bits;
    const int FirstLength = 4;

    readonly List<T[]> chunks = [];

    public int Count { get; private set; }

    /// <summary>Valid until the next <see cref="Add"/>: the first chunk begins small, and is moved.</summary>
    public ref T this[int index] => ref chunks[index >> Bits][index & (ChunkLength - 1)];

    public int Add(in T value)
    {
        if (Count >> Bits == chunks.Count)
            chunks.Add(new T[chunks.Count == 0 ? FirstLength : ChunkLength]);
        else if (Count == chunks[0].Length && Count < ChunkLength)
        {
            var first = chunks[0];
            Array.Resize(ref first, Count * 2);
            chunks[0] = first;
        }
        this[Count] = value;
        return Count++;
    }
}
