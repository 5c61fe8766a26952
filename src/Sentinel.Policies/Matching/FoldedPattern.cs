using System.Text;
using Sentinel.Policies.Model;

namespace Sentinel.Policies.Matching;

/// <summary>A pattern of texts with <c>*</c> between them, over folded UTF-8.</summary>
sealed class FoldedPattern
{
    readonly byte[] first;
    readonly byte[][] between;
    readonly byte[]? last;

    FoldedPattern(List<byte[]> texts)
    {
        first = texts[0];
        between = texts.Count > 2 ? [.. texts[1..^1]] : [];
        last = texts.Count > 1 ? texts[^1] : null;
    }

    /// <summary>Null for a pattern that only characters can answer: with <c>?</c>, or beyond ASCII.</summary>
    public static FoldedPattern? Of(LikePattern pattern)
    {
        var texts = new List<byte[]> { Array.Empty<byte>() };
        foreach (var part in pattern.Parts)
            if (part.Piece == LikePiece.OneCharacter || !Ascii.IsValid(part.Text))
                return null;
            else if (part.Piece == LikePiece.Anything)
                texts.Add([]);
            else
                texts[^1] = Encoding.ASCII.GetBytes(part.Text.ToLowerInvariant());
        return new FoldedPattern(texts);
    }

    public bool Matches(ReadOnlySpan<byte> text)
    {
        if (last is null)
            return text.SequenceEqual(first);
        if (!text.StartsWith(first))
            return false;
        text = text[first.Length..];
        // The first place where a text fits leaves the most for those behind it.
        foreach (var part in between)
        {
            var at = text.IndexOf(part);
            if (at < 0)
                return false;
            text = text[(at + part.Length)..];
        }
        return text.EndsWith(last);
    }
}
