using System.Numerics;
using System.Security.Cryptography;

namespace Sentinel.Postgres.Ledger;

/// <summary>
/// A tree that only grows, held as the roots of its full subtrees: appending and the root take as
/// many hashes as the size has binary digits, and the leaves need not be read again.
/// </summary>
public sealed class MerkleFrontier
{
    // The largest subtree first; their sizes are the ones in the binary form of Size.
    readonly List<byte[]> subtrees = [];

    public long Size { get; private set; }

    public void Append(byte[] leafHash)
    {
        if (leafHash.Length != MerkleTree.HashBytes)
            throw new ArgumentException("a leaf hash has 32 bytes", nameof(leafHash));
        var hash = leafHash;
        for (var full = Size; (full & 1) == 1; full >>= 1)
        {
            hash = MerkleTree.NodeHash(subtrees[^1], hash);
            subtrees.RemoveAt(subtrees.Count - 1);
        }
        subtrees.Add(hash);
        Size++;
    }

    public byte[] Root()
    {
        if (subtrees.Count == 0)
            return SHA256.HashData([]);
        var hash = subtrees[^1];
        for (var left = subtrees.Count - 2; left >= 0; left--)
            hash = MerkleTree.NodeHash(subtrees[left], hash);
        return hash;
    }

    /// <summary>The root over the leaves from one up to another, which must be one of the subtrees.</summary>
    internal byte[] Subtree(long start, long end)
    {
        var (at, index) = (0L, 0);
        for (var bit = 62; bit >= 0; bit--)
        {
            var size = 1L << bit;
            if ((Size & size) == 0)
                continue;
            if (at == start && end == at + size)
                return subtrees[index];
            (at, index) = (at + size, index + 1);
        }
        throw new ArgumentException($"{start} to {end} is no full subtree of {Size} leaves");
    }

    /// <summary>The subtrees' roots, one after the other, for <see cref="Read"/>.</summary>
    public byte[] ToBytes() => [.. subtrees.SelectMany(subtree => subtree)];

    /// <summary>Null where the bytes cannot be the frontier of a tree of that size.</summary>
    public static MerkleFrontier? Read(long size, ReadOnlySpan<byte> bytes)
    {
        if (size < 0 || bytes.Length != BitOperations.PopCount((ulong)size) * MerkleTree.HashBytes)
            return null;
        var frontier = new MerkleFrontier { Size = size };
        for (var at = 0; at < bytes.Length; at += MerkleTree.HashBytes)
            frontier.subtrees.Add(bytes.Slice(at, MerkleTree.HashBytes).ToArray());
        return frontier;
    }
}
