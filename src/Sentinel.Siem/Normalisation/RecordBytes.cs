using System.Runtime.InteropServices;

namespace Sentinel.Siem.Normalisation;

/// <summary>The bytes of the record at hand, and beside them what had to be unescaped.</summary>
sealed class RecordBytes
{
    byte[] record = [];
    byte[] beside = new byte[4096];
    int used;

    /// <summary>Where the record stands in the array that holds it: places of values count from there.</summary>
    public int Start { get; private set; }

    public int Length { get; private set; }

    public ReadOnlySpan<byte> All => record.AsSpan(Start, Length);

    public void Begin(ReadOnlyMemory<byte> bytes)
    {
        if (!MemoryMarshal.TryGetArray(bytes, out var segment))
            segment = bytes.ToArray();
        (record, Start, Length, used) = (segment.Array!, segment.Offset, segment.Count, 0);
    }

    public ReadOnlySpan<byte> Of(in LazyValue value)
    {
        if (value.Form == ValueForm.Unescaped)
            return beside.AsSpan(value.Start, value.Length);
        var text = record.AsSpan(value.Start, value.Length);
        if (value.Form != ValueForm.Escaped)
            return text;
        var room = Room(text.Length);
        var length = JsonScanner.Unescape(text, room);
        used += length;
        return room[..length];
    }

    /// <summary>Room for so many bytes beside the record, to be kept by <see cref="Keep"/>.</summary>
    public Span<byte> Room(int length)
    {
        if (beside.Length - used < length)
            Array.Resize(ref beside, Math.Max(beside.Length * 2, used + length));
        return beside.AsSpan(used, length);
    }

    public LazyValue Keep(int length)
    {
        var value = LazyValue.Of(ValueForm.Unescaped, used, length);
        used += length;
        return value;
    }
}
