using System.Security.Cryptography;

namespace Sentinel.Postgres.Ledger;

/// <summary>
/// RFC 6962's tree over SHA-256: a leaf is hashed behind 0x00, a node behind 0x01, and a tree of n
/// leaves splits at the largest power of two below n.
/// </summary>
public static class MerkleTree
{
    public const int HashBytes = SHA256.HashSizeInBytes;

    public static byte[] LeafHash(ReadOnlySpan<byte> content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([0]);
        hash.AppendData(content);
        return hash.GetHashAndReset();
    }

    /// <summary>The root over leaf hashes in order; over none, SHA-256 of nothing.</summary>
    public static byte[] Root(IEnumerable<byte[]> leafHashes)
    {
        var frontier = new MerkleFrontier();
        foreach (var leaf in leafHashes)
            frontier.Append(leaf);
        return frontier.Root();
    }

    /// <summary>The hashes that lead from a leaf to the root, from its sibling upwards.</summary>
    public static IReadOnlyList<byte[]> InclusionProof(IReadOnlyList<byte[]> leafHashes, int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, leafHashes.Count);
        return new MerkleLevels(leafHashes).InclusionProof(index);
    }

    public static bool IncludesLeaf(
        ReadOnlySpan<byte> leafHash,
        long index,
        long size,
        IReadOnlyList<byte[]> proof,
        ReadOnlySpan<byte> root
    )
    {
        if (index < 0 || index >= size)
            return false;
        // RFC 9162, 2.1.3.2.
        var (node, last) = (index, size - 1);
        var hash = leafHash.ToArray();
        foreach (var sibling in proof)
        {
            if (last == 0)
                return false;
            if ((node & 1) == 1 || node == last)
            {
                hash = NodeHash(sibling, hash);
                while ((node & 1) == 0 && node != 0)
                    (node, last) = (node >> 1, last >> 1);
            }
            else
                hash = NodeHash(hash, sibling);
            (node, last) = (node >> 1, last >> 1);
        }
        return last == 0 && root.SequenceEqual(hash);
    }

    /// <summary>Proves that the tree of the first leaves grew into the tree of all of them.</summary>
    public static IReadOnlyList<byte[]> ConsistencyProof(
        IReadOnlyList<byte[]> leafHashes,
        int earlierSize
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(earlierSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(earlierSize, leafHashes.Count);
        var earlier = new MerkleFrontier();
        foreach (var leaf in leafHashes.Take(earlierSize))
            earlier.Append(leaf);
        return ConsistencyProof(earlier, [.. leafHashes.Skip(earlierSize)]);
    }

    /// <summary>The same from what is kept of the earlier tree and the leaves that came since.</summary>
    public static IReadOnlyList<byte[]> ConsistencyProof(
        MerkleFrontier earlier,
        IReadOnlyList<byte[]> since
    )
    {
        ArgumentOutOfRangeException.ThrowIfZero(earlier.Size);
        List<byte[]> proof = [];
        var (start, end, whole) = (0L, earlier.Size + since.Count, true);
        while (end != earlier.Size)
        {
            var middle = start + SplitOf(end - start);
            if (earlier.Size <= middle)
            {
                proof.Add(Since(middle, end));
                end = middle;
            }
            else
            {
                proof.Add(earlier.Subtree(start, middle));
                (start, whole) = (middle, false);
            }
        }
        if (!whole)
            proof.Add(earlier.Subtree(start, end));
        proof.Reverse();
        return proof;

        byte[] Since(long from, long to) =>
            RootOf(since, (int)(from - earlier.Size), (int)(to - earlier.Size));
    }

    public static bool IsConsistent(
        long earlierSize,
        ReadOnlySpan<byte> earlierRoot,
        long laterSize,
        ReadOnlySpan<byte> laterRoot,
        IReadOnlyList<byte[]> proof
    )
    {
        if (earlierSize <= 0 || earlierSize > laterSize)
            return false;
        if (earlierSize == laterSize)
            return proof.Count == 0 && earlierRoot.SequenceEqual(laterRoot);
        // RFC 9162, 2.1.4.2.
        IReadOnlyList<byte[]> path = long.IsPow2(earlierSize)
            ? [earlierRoot.ToArray(), .. proof]
            : proof;
        if (path.Count == 0)
            return false;
        var (node, last) = (earlierSize - 1, laterSize - 1);
        while ((node & 1) == 1)
            (node, last) = (node >> 1, last >> 1);
        var (earlier, later) = (path[0], path[0]);
        foreach (var sibling in path.Skip(1))
        {
            if (last == 0)
                return false;
            if ((node & 1) == 1 || node == last)
            {
                (earlier, later) = (NodeHash(sibling, earlier), NodeHash(sibling, later));
                while ((node & 1) == 0 && node != 0)
                    (node, last) = (node >> 1, last >> 1);
            }
            else
                later = NodeHash(later, sibling);
            (node, last) = (node >> 1, last >> 1);
        }
        return last == 0 && earlierRoot.SequenceEqual(earlier) && laterRoot.SequenceEqual(later);
    }

    internal static byte[] NodeHash(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        Span<byte> node = stackalloc byte[1 + 2 * HashBytes];
        node[0] = 1;
        left.CopyTo(node[1..]);
        right.CopyTo(node[(1 + HashBytes)..]);
        return SHA256.HashData(node);
    }

    static byte[] RootOf(IReadOnlyList<byte[]> leafHashes, int start, int end)
    {
        var frontier = new MerkleFrontier();
        for (var leaf = start; leaf < end; leaf++)
            frontier.Append(leafHashes[leaf]);
        return frontier.Root();
    }

    // The largest power of two below the size.
    static long SplitOf(long size) => 1L << (63 - (int)long.LeadingZeroCount(size - 1));
}
