namespace Sentinel.Psa.Audit;

/// <summary>Text from outside, kept within what a row may hold.</summary>
static class TextBounds
{
    /// <summary>At most so many UTF-16 units, and never half a character, which no database takes.</summary>
    public static string Cut(this string text, int charsMax) =>
        text.Length <= charsMax ? text
        : char.IsHighSurrogate(text[charsMax - 1]) ? text[..(charsMax - 1)]
        : text[..charsMax];
}
