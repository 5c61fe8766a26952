using System.Text.Unicode;

namespace Sentinel.Siem.Ingestion;

/// <summary>What makes bytes unreadable whatever the source.</summary>
public static class RecordDefect
{
    /// <summary>Longer records are kept and listed, not read.</summary>
    public const int RecordBytesMax = 1024 * 1024;

    public const string Empty = "it is empty";

    /// <summary>The reason as the end of a sentence, or null for bytes that a source may read.</summary>
    public static string? Of(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > RecordBytesMax)
            return $"it is longer than 1 MiB: {bytes.Length} bytes";
        if (bytes.IndexOfAnyExcept(" \t\r"u8) < 0)
            return Empty;
        if (bytes.Contains((byte)0))
            return "it holds NUL bytes: a binary file, or UTF-16";
        return Utf8.IsValid(bytes) ? null : "it is not valid UTF-8";
    }
}
