using System.Text;

namespace Sentinel.Siem.Normalisation;

/// <summary>What strings can do, for text that stands in bytes.</summary>
static class Utf8Text
{
    /// <summary>Without white space at either end, as strings are trimmed.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text) => text[TrimRange(text)];

    public static Range TrimRange(ReadOnlySpan<byte> text)
    {
        var start = 0;
        while (start < text.Length && SpaceAtStart(text[start..]) is > 0 and var length)
            start += length;
        return start..(start + TrimEnd(text[start..]).Length);
    }

    public static ReadOnlySpan<byte> TrimEnd(ReadOnlySpan<byte> text)
    {
        while (SpaceAtEnd(text) is > 0 and var length)
            text = text[..^length];
        return text;
    }

    static int SpaceAtStart(ReadOnlySpan<byte> text)
    {
        if (text[0] < 0x80)
            return char.IsWhiteSpace((char)text[0]) ? 1 : 0;
        Rune.DecodeFromUtf8(text, out var rune, out var length);
        return Rune.IsWhiteSpace(rune) ? length : 0;
    }

    static int SpaceAtEnd(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
            return 0;
        if (text[^1] < 0x80)
            return char.IsWhiteSpace((char)text[^1]) ? 1 : 0;
        Rune.DecodeLastFromUtf8(text, out var rune, out var length);
        return Rune.IsWhiteSpace(rune) ? length : 0;
    }

    /// <summary>Digits alone, as a number; false for anything else.</summary>
    public static bool Digits(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        foreach (var b in text)
        {
            var digit = b - (uint)'0';
            if (digit > 9)
                return false;
            value = value * 10 + (int)digit;
        }
        return text.Length > 0;
    }
}
