using FsCheck.Xunit;
using Sentinel.Postgres.Ledger;

namespace Sentinel.Tests.Postgres;

public class MerkleTreeTests
{
    // The eight leaves and the roots of their first n that Certificate Transparency's own tests use.
    static readonly byte[][] KnownLeaves =
    [
        .. (
            (string[])
                [
                    "",
                    "00",
                    "10",
                    "2021",
                    "3031",
                    "40414243",
                    "5051525354555657",
                    "606162636465666768696a6b6c6d6e6f",
                ]
        ).Select(hex => MerkleTree.LeafHash(Convert.FromHexString(hex))),
    ];

    [Theory]
    [InlineData(0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData(1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")]
    [InlineData(2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]
    [InlineData(3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77")]
    [InlineData(4, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")]
    [InlineData(5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4")]
    [InlineData(6, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef")]
    [InlineData(7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c")]
    [InlineData(8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")]
    public void The_roots_are_those_of_certificate_transparency(int size, string root) =>
        Assert.Equal(root, Convert.ToHexStringLower(MerkleTree.Root(KnownLeaves.Take(size))));

    [Fact]
    public void An_inclusion_proof_is_that_of_certificate_transparency()
    {
        var proof = MerkleTree.InclusionProof(KnownLeaves[..3], 1);

        Assert.Equal(
            [
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7",
            ],
            proof.Select(Convert.ToHexStringLower)
        );
    }

    [Property]
    public bool Every_leaf_is_included_and_no_other_leaf_is(byte size, byte place, byte other)
    {
        var leaves = Leaves(size + 1);
        var index = place % leaves.Length;
        var proof = MerkleTree.InclusionProof(leaves, index);
        var root = MerkleTree.Root(leaves);
        var stranger = MerkleTree.LeafHash([other, 0xff]);
        return MerkleTree.IncludesLeaf(leaves[index], index, leaves.Length, proof, root)
            && !MerkleTree.IncludesLeaf(stranger, index, leaves.Length, proof, root)
            && (
                leaves.Length == 1
                || !MerkleTree.IncludesLeaf(leaves[index], index ^ 1, leaves.Length, proof, root)
            );
    }

    [Property]
    public bool A_tree_that_grew_is_consistent_and_a_rewritten_one_is_not(byte size, byte place)
    {
        var leaves = Leaves(size + 2);
        var earlier = 1 + place % (leaves.Length - 1);
        var root = MerkleTree.Root(leaves);
        var earlierRoot = MerkleTree.Root(leaves.Take(earlier));
        var rewritten = leaves.ToArray();
        rewritten[place % earlier] = MerkleTree.LeafHash([0xff]);
        return Holds(leaves, root) && !Holds(rewritten, MerkleTree.Root(rewritten));

        bool Holds(byte[][] tree, byte[] head) =>
            MerkleTree.IsConsistent(
                earlier,
                earlierRoot,
                tree.Length,
                head,
                MerkleTree.ConsistencyProof(tree, earlier)
            );
    }

    [Property]
    public bool A_frontier_read_back_goes_on_as_before(byte before, byte after)
    {
        var leaves = Leaves(before + after);
        var frontier = new MerkleFrontier();
        foreach (var leaf in leaves.Take(before))
            frontier.Append(leaf);
        var read = MerkleFrontier.Read(before, frontier.ToBytes())!;
        foreach (var leaf in leaves.Skip(before))
            read.Append(leaf);
        return read.Size == leaves.Length && read.Root().SequenceEqual(MerkleTree.Root(leaves));
    }

    static byte[][] Leaves(int count) =>
        [.. Enumerable.Range(0, count).Select(i => MerkleTree.LeafHash(BitConverter.GetBytes(i)))];
}
