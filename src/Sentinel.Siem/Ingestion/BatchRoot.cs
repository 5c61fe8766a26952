using Sentinel.Postgres.Ledger;

namespace Sentinel.Siem.Ingestion;

/// <summary>
/// The RFC 6962 tree over a batch: its leaves are a raw event's id (16 bytes, big-endian) and payload
/// hash (32 bytes), in order. The batch's audit row carries its root.
/// </summary>
public static class BatchRoot
{
    const int LeafBytes = 16 + Digest.BytesLength;

    public static string Of(IEnumerable<(Guid Id, Digest PayloadHash)> rows) =>
        Convert.ToHexStringLower(
            MerkleTree.Root(rows.Select(row => Leaf(row.Id, row.PayloadHash)))
        );

    static byte[] Leaf(Guid id, in Digest payloadHash)
    {
        Span<byte> leaf = stackalloc byte[LeafBytes];
        id.TryWriteBytes(leaf, bigEndian: true, out _);
        payloadHash.Bytes.CopyTo(leaf[16..]);
        return MerkleTree.LeafHash(leaf);
    }
}
