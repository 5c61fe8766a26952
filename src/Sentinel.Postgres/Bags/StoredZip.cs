using System.Buffers.Binary;
using System.Text;

namespace Sentinel.Postgres.Bags;

/// <summary>
/// A zip of stored entries, the same to the byte for the same content: names in ordinal order, one date,
/// no attribute of the machine that wrote it.
/// </summary>
static class StoredZip
{
    const long BytesMax = int.MaxValue;
    const int EntriesMax = ushort.MaxValue - 1;
    const ushort VersionNeeded = 20;
    const ushort Utf8Names = 1 << 11;

    static readonly uint[] Crc = CrcTable();

    public static byte[] Write(IReadOnlyDictionary<string, byte[]> files, DateTimeOffset date)
    {
        if (
            files.Count > EntriesMax
            || files.Values.Sum(content => (long)content.Length) > BytesMax
        )
            throw new InvalidOperationException("The package is too large: at most 2 GiB.");
        using var zip = new MemoryStream();
        using var directory = new MemoryStream();
        foreach (var (name, content) in files.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            var offset = (uint)zip.Position;
            var common = Common(name, content, date);
            Write(zip, 0x04034b50u);
            zip.Write(common);
            zip.Write(Encoding.UTF8.GetBytes(name));
            zip.Write(content);
            Write(directory, 0x02014b50u);
            Write(directory, VersionNeeded);
            directory.Write(common);
            // No comment, first disk, no attributes.
            directory.Write(new byte[10]);
            Write(directory, offset);
            directory.Write(Encoding.UTF8.GetBytes(name));
        }
        var start = (uint)zip.Position;
        directory.WriteTo(zip);
        Write(zip, 0x06054b50u);
        Write(zip, 0u);
        Write(zip, (ushort)files.Count);
        Write(zip, (ushort)files.Count);
        Write(zip, (uint)directory.Length);
        Write(zip, start);
        Write(zip, (ushort)0);
        return zip.ToArray();
    }

    /// <summary>What the header of an entry and the directory have in common.</summary>
    static byte[] Common(string name, byte[] content, DateTimeOffset date)
    {
        using var header = new MemoryStream();
        var utc = date.UtcDateTime;
        var year = Math.Clamp(utc.Year, 1980, 2107) - 1980;
        Write(header, VersionNeeded);
        Write(header, Utf8Names);
        Write(header, (ushort)0);
        Write(header, (ushort)((utc.Hour << 11) | (utc.Minute << 5) | (utc.Second / 2)));
        Write(header, (ushort)((year << 9) | (utc.Month << 5) | utc.Day));
        Write(header, CrcOf(content));
        Write(header, (uint)content.Length);
        Write(header, (uint)content.Length);
        Write(header, (ushort)Encoding.UTF8.GetByteCount(name));
        Write(header, (ushort)0);
        return header.ToArray();
    }

    static void Write(Stream stream, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        stream.Write(bytes);
    }

    static void Write(Stream stream, ushort value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        stream.Write(bytes);
    }

    static uint CrcOf(ReadOnlySpan<byte> content)
    {
        var crc = uint.MaxValue;
        foreach (var one in content)
            crc = Crc[(crc ^ one) & 0xFF] ^ (crc >> 8);
        return ~crc;
    }

    static uint[] CrcTable()
    {
        var table = new uint[256];
        for (var i = 0u; i < table.Length; i++)
        {
            var value = i;
            for (var bit = 0; bit < 8; bit++)
                value = (value & 1) == 1 ? 0xEDB88320u ^ (value >> 1) : value >> 1;
            table[i] = value;
        }
        return table;
    }
}
