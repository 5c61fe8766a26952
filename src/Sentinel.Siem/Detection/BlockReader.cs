using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Detection;

/// <summary>A file as blocks of whole lines.</summary>
/// <param name="start">Where the stream stands: at a line's beginning.</param>
sealed class BlockReader(Stream stream, int blockBytes, RecordPlace start)
{
    public const int BlockBytes = 512 * 1024;

    // Longer lines are the business of the reader that looks beyond lines.
    const int LineBytesMax = 4 * 1024 * 1024;

    byte[] carried = [];
    RecordPlace place = start;
    bool ended;

    /// <summary>Where a reader has to go on that looks beyond lines, or null.</summary>
    public RecordPlace? Rest { get; private set; }

    /// <summary>Fills the block; false at the end, or where <see cref="Rest"/> is left.</summary>
    public bool Read(LineBlock block)
    {
        if (block.Bytes.Length < Math.Max(blockBytes, carried.Length + 1))
            block.Bytes = new byte[Math.Max(blockBytes, carried.Length * 2)];
        carried.CopyTo(block.Bytes, 0);
        var length = carried.Length;
        var cut = -1;
        while (!ended && cut < 0)
        {
            if (length == block.Bytes.Length)
            {
                if (length >= LineBytesMax)
                {
                    Rest = place;
                    return false;
                }
                var larger = block.Bytes;
                Array.Resize(ref larger, length * 2);
                block.Bytes = larger;
            }
            var read = stream.ReadAtLeast(
                block.Bytes.AsSpan(length),
                block.Bytes.Length - length,
                false
            );
            ended = length + read < block.Bytes.Length;
            length += read;
            cut = ended ? length : LastLineEnd(block.Bytes.AsSpan(0, length));
        }
        if (cut < 0)
            cut = length;
        carried = block.Bytes[cut..length];
        (block.Length, block.Place) = (cut, place);
        place = Behind(block.Bytes.AsSpan(0, cut));
        return cut > 0;
    }

    /// <summary>Behind the last line that another follows which is not blank.</summary>
    static int LastLineEnd(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.TrimEnd(" \t\r\n"u8).LastIndexOf((byte)'\n');
        return end < 0 ? -1 : end + 1;
    }

    RecordPlace Behind(ReadOnlySpan<byte> bytes)
    {
        var text = bytes.TrimEnd(" \t\r\n"u8);
        var first = text[(text.LastIndexOf((byte)'\n') + 1)..].TrimStart(" \t\r"u8);
        return new(
            place.Offset + bytes.Length,
            place.Line + bytes.Count((byte)'\n'),
            text.IsEmpty ? place.AfterJson : first.StartsWith("{"u8)
        );
    }
}
