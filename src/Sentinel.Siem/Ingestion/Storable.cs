using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Sentinel.Siem.Ingestion;

/// <summary>What PostgreSQL can keep of text and JSON that came from anywhere.</summary>
static class Storable
{
    const int JsonNestingLevelsMax = 64;
    const int NumberBytesMax = 40;
    const int JsonBytesMax = 1024 * 1024;

    static readonly SearchValues<char> Suspicious = SearchValues.Create([
        .. Enumerable.Range(0xD800, 0x800).Select(c => (char)c),
        '\0',
    ]);

    /// <summary>The text with U+FFFD for what no text column takes: U+0000 and halves of pairs.</summary>
    public static string Text(string text)
    {
        if (!text.AsSpan().ContainsAny(Suspicious))
            return text;
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            clean.Append(rune.Value == 0 ? "\uFFFD" : rune.ToString());
        return clean.ToString();
    }

    /// <summary>The record for reading, or null where the bytes are not JSON that JSONB can hold.</summary>
    public static string? Json(ReadOnlySpan<byte> record)
    {
        var start = record.IndexOfAnyExcept(" \t\r\n"u8);
        if (start < 0 || record[start] is not ((byte)'{' or (byte)'['))
            return null;
        return record.Length <= JsonBytesMax && IsStorable(record)
            ? Encoding.UTF8.GetString(record)
            : null;
    }

    static bool IsStorable(ReadOnlySpan<byte> record)
    {
        var options = new JsonReaderOptions { MaxDepth = JsonNestingLevelsMax };
        var reader = new Utf8JsonReader(record, options);
        try
        {
            while (reader.Read())
                if (!IsStorable(ref reader))
                    return false;
            return true;
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    static bool IsStorable(ref Utf8JsonReader reader) =>
        reader.TokenType switch
        {
            JsonTokenType.Number => reader.ValueSpan.Length <= NumberBytesMax
                && reader.TryGetDouble(out var number)
                && double.IsFinite(number),
            // GetString throws on invalid UTF-8 and on halves of pairs.
            JsonTokenType.String or JsonTokenType.PropertyName => !reader
                .GetString()!
                .Contains('\0'),
            _ => true,
        };
}
