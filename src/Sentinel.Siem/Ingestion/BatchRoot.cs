using System.Globalization;
using System.Text;
using Sentinel.Postgres.Ledger;

namespace Sentinel.Siem.Ingestion;

/// <summary>
/// The RFC 6962 tree over a batch: its leaves are a raw event's id (16 bytes, big-endian), its payload
/// hash (32 bytes) and the SHA-256 of its receipt, in order. The batch's audit row carries its root.
/// </summary>
public static class BatchRoot
{
    const int LeafBytes = 16 + 2 * Digest.BytesLength;

    public static string Of(IEnumerable<StoredRawEvent> rows) =>
        Convert.ToHexStringLower(MerkleTree.Root(rows.Select(Leaf)));

    static byte[] Leaf(StoredRawEvent row)
    {
        Span<byte> leaf = stackalloc byte[LeafBytes];
        row.Id.TryWriteBytes(leaf, bigEndian: true, out _);
        row.Raw.PayloadHash.Bytes.CopyTo(leaf[16..]);
        var receipt = Digest.Of(Encoding.UTF8.GetBytes(Receipt(row)));
        receipt.Bytes.CopyTo(leaf[(16 + Digest.BytesLength)..]);
        return MerkleTree.LeafHash(leaf);
    }

    // When, where and by whom it was received: what an explanation cites beside the bytes.
    static string Receipt(StoredRawEvent row) =>
        string.Join(
            '\n',
            Micros(row.KeyTime),
            row.EventTime is { } time ? Micros(time) : "",
            Micros(row.Raw.ReceivedAt),
            row.Raw.SourceId,
            row.Raw.SourceSystem,
            row.Raw.IngestionNode,
            row.Raw.Index.ToString(CultureInfo.InvariantCulture),
            row.Raw.Line.ToString(CultureInfo.InvariantCulture),
            row.Raw.Position,
            row.Raw.Delivery.ToString(CultureInfo.InvariantCulture),
            row.Raw.DuplicateOf,
            row.Raw.Defect
        );

    static string Micros(DateTimeOffset time) =>
        (time.UtcTicks / TimeSpan.TicksPerMicrosecond).ToString(CultureInfo.InvariantCulture);
}
