namespace Sentinel.Postgres.Ledger;

/// <summary>A finished tree with all of its full subtrees, for many proofs at once.</summary>
public sealed class MerkleLevels
{
    // levels[k][i] is the root over the 2^k leaves from i * 2^k.
    readonly List<byte[][]> levels = [];

    public MerkleLevels(IReadOnlyList<byte[]> leafHashes)
    {
        for (byte[][] level = [.. leafHashes]; level.Length > 0; level = Above(level))
            levels.Add(level);
    }

    /// <summary>The hashes that lead from a leaf to the root, from its sibling upwards.</summary>
    public IReadOnlyList<byte[]> InclusionProof(int index)
    {
        List<byte[]> proof = [];
        var (start, end) = (0, levels[0].Length);
        while (end - start > 1)
        {
            var middle = start + SplitOf(end - start);
            if (index < middle)
            {
                proof.Add(Root(middle, end));
                end = middle;
            }
            else
            {
                proof.Add(Root(start, middle));
                start = middle;
            }
        }
        proof.Reverse();
        return proof;
    }

    byte[] Root(int start, int end)
    {
        var size = end - start;
        if (int.IsPow2(size))
        {
            var level = int.Log2(size);
            return levels[level][start >> level];
        }
        var middle = start + SplitOf(size);
        return MerkleTree.NodeHash(Root(start, middle), Root(middle, end));
    }

    static byte[][] Above(byte[][] level)
    {
        var above = new byte[level.Length / 2][];
        for (var at = 0; at < above.Length; at++)
            above[at] = MerkleTree.NodeHash(level[2 * at], level[2 * at + 1]);
        return above;
    }

    static int SplitOf(int size) => 1 << (31 - int.LeadingZeroCount(size - 1));
}
