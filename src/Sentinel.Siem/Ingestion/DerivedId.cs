using System.Buffers.Binary;

namespace Sentinel.Siem.Ingestion;

/// <summary>
/// Ids that follow from what they name (UUID version 8): the same record, hit or finding has the same id
/// live, in replay and after a crash, and ids sort by time.
/// </summary>
public static class DerivedId
{
    const long MillisecondsMax = (1L << 48) - 1;

    /// <summary>48 bits of milliseconds (clamped), then the SHA-256 of the content.</summary>
    public static Guid From(DateTimeOffset keyTime, ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[Digest.BytesLength];
        RecordHash.Of(content, hash);
        Span<byte> id = stackalloc byte[16];
        var milliseconds = Math.Clamp(keyTime.ToUnixTimeMilliseconds(), 0, MillisecondsMax);
        BinaryPrimitives.WriteInt64BigEndian(id, milliseconds << 16);
        hash[..10].CopyTo(id[6..]);
        id[6] = (byte)((id[6] & 0x0F) | 0x80);
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return new Guid(id, bigEndian: true);
    }

    public static Guid OfRawEvent(
        DateTimeOffset keyTime,
        Guid organisationId,
        Guid sourceId,
        in Digest position,
        int delivery
    )
    {
        Span<byte> content = stackalloc byte[16 + 16 + Digest.BytesLength + 4];
        organisationId.TryWriteBytes(content, bigEndian: true, out _);
        sourceId.TryWriteBytes(content[16..], bigEndian: true, out _);
        position.Bytes.CopyTo(content[32..]);
        BinaryPrimitives.WriteInt32BigEndian(content[64..], delivery);
        return From(keyTime, content);
    }

    /// <summary>The normalised event of a raw one; there is at most one.</summary>
    public static Guid OfEvent(DateTimeOffset keyTime, Guid rawEventId)
    {
        Span<byte> content = stackalloc byte[5 + 16];
        "event"u8.CopyTo(content);
        rawEventId.TryWriteBytes(content[5..], bigEndian: true, out _);
        return From(keyTime, content);
    }
}
