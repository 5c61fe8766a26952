using System.Text;

namespace Sentinel.Policies.Model;

public enum LikePiece
{
    Literal,

    /// <summary><c>?</c>: exactly one Unicode character.</summary>
    OneCharacter,

    /// <summary><c>*</c>: any text, also none.</summary>
    Anything,
}

/// <param name="Text">Empty for wildcards.</param>
public readonly record struct LikePart(LikePiece Piece, string Text);

/// <summary>
/// A pattern over a whole text, escaped as in Sigma: a backslash makes a wildcard or a backslash stand for
/// itself, and stands for itself before anything else.
/// </summary>
public sealed class LikePattern
{
    readonly LikePart[][] segments;

    LikePattern(List<LikePart> parts)
    {
        Parts = [.. parts];
        var between = new List<LikePart[]>();
        var segment = new List<LikePart>();
        foreach (var part in parts)
            if (part.Piece == LikePiece.Anything)
            {
                between.Add([.. segment]);
                segment.Clear();
            }
            else
                segment.Add(part);
        segments = [.. between, [.. segment]];
    }

    /// <summary>Neighbouring literals are one, and so are neighbouring stars.</summary>
    public ValueList<LikePart> Parts { get; }

    public static LikePattern Parse(string pattern)
    {
        var parts = new List<LikePart>();
        var literal = new StringBuilder();
        for (var i = 0; i < pattern.Length; i++)
        {
            var c = pattern[i];
            if (c == '\\' && i + 1 < pattern.Length && pattern[i + 1] is '*' or '?' or '\\')
                literal.Append(pattern[++i]);
            else if (c is '*' or '?')
            {
                Flush(parts, literal);
                var piece = c == '*' ? LikePiece.Anything : LikePiece.OneCharacter;
                if (piece == LikePiece.OneCharacter || parts.Count == 0 || parts[^1].Piece != piece)
                    parts.Add(new LikePart(piece, ""));
            }
            else
                literal.Append(c);
        }
        Flush(parts, literal);
        return new LikePattern(parts);
    }

    static void Flush(List<LikePart> parts, StringBuilder literal)
    {
        if (literal.Length > 0)
            parts.Add(new LikePart(LikePiece.Literal, literal.ToString()));
        literal.Clear();
    }

    public bool Matches(ReadOnlySpan<char> text, bool cased)
    {
        var casing = cased ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
        var start = EndOf(segments[0], text, 0, casing);
        if (start < 0 || segments.Length == 1)
            return start == text.Length;
        // A segment has a fixed number of characters, so the first place where it fits is the best.
        foreach (var segment in segments[1..^1])
        {
            var at = start;
            while ((start = EndOf(segment, text, at, casing)) < 0)
                if (++at > text.Length)
                    return false;
        }
        return EndsWith(segments[^1], text[start..], casing);
    }

    /// <summary>Where the segment ends that begins at <paramref name="at"/>; -1 if it does not fit.</summary>
    static int EndOf(LikePart[] segment, ReadOnlySpan<char> text, int at, StringComparison casing)
    {
        foreach (var part in segment)
            if (part.Piece == LikePiece.Literal)
            {
                if (!text[at..].StartsWith(part.Text, casing))
                    return -1;
                at += part.Text.Length;
            }
            else if (at >= text.Length)
                return -1;
            else
                at += IsPair(text, at) ? 2 : 1;
        return at;
    }

    static bool EndsWith(LikePart[] segment, ReadOnlySpan<char> text, StringComparison casing)
    {
        for (var i = segment.Length - 1; i >= 0; i--)
            if (segment[i].Piece == LikePiece.Literal)
            {
                if (!text.EndsWith(segment[i].Text, casing))
                    return false;
                text = text[..^segment[i].Text.Length];
            }
            else if (text.IsEmpty)
                return false;
            else
                text = text[..^(IsPair(text, text.Length - 2) ? 2 : 1)];
        return true;
    }

    static bool IsPair(ReadOnlySpan<char> text, int at) =>
        at >= 0
        && at + 1 < text.Length
        && char.IsHighSurrogate(text[at])
        && char.IsLowSurrogate(text[at + 1]);
}
