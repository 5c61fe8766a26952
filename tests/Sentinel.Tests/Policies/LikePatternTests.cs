using System.Text;
using FsCheck.Xunit;
using Sentinel.Policies.Model;

namespace Sentinel.Tests.Policies;

public sealed class LikePatternTests
{
    [Theory]
    [InlineData(@"*\cmd.exe", @"C:\Windows\CMD.EXE", true)]
    [InlineData(@"*\cmd.exe", "cmd.exe", false)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a?c", "ac", false)]
    [InlineData("a?c", "a\U0001F600c", true)]
    [InlineData("a*b*c", "a1b2b3c", true)]
    [InlineData("a*b*c", "a1c2b", false)]
    [InlineData("*a?", "aab", true)]
    [InlineData("ab", "abc", false)]
    [InlineData("", "", true)]
    [InlineData("*", "", true)]
    [InlineData(@"50\%", "50\\%", true)]
    [InlineData(@"what\?", "what?", true)]
    [InlineData(@"what\?", "whats", false)]
    [InlineData(@"C:\\*", @"C:\x", true)]
    [InlineData(@"C:\*", @"C:\x", false)]
    [InlineData(@"C:\*", "C:*", true)]
    [InlineData(@"\\\*", @"\*", true)]
    public void A_pattern_is_escaped_as_in_Sigma(string pattern, string text, bool matches) =>
        Assert.Equal(matches, LikePattern.Parse(pattern).Matches(text, cased: false));

    [Property(MaxTest = 2_000)]
    public void A_pattern_matches_what_the_plain_definition_matches(
        byte[] pattern,
        byte[] text,
        bool cased
    )
    {
        var written = Spell(pattern, ["a", "B", "?", "*", "\\", "\u00e4", "\U0001F600", "ab"]);
        var value = Spell(text, ["a", "b", "A", "\u00c4", "\U0001F600", "*", "\\", "ab"]);
        var parsed = LikePattern.Parse(written);

        var expected = Matches([.. parsed.Parts], [.. value.EnumerateRunes()], cased);

        Assert.Equal(expected, parsed.Matches(value, cased));
    }

    static string Spell(byte[]? choices, string[] words) =>
        string.Concat((choices ?? []).Take(12).Select(c => words[c % words.Length]));

    /// <summary>Every way to divide the text, one after the other.</summary>
    static bool Matches(LikePart[] parts, Rune[] text, bool cased)
    {
        if (parts.Length == 0)
            return text.Length == 0;
        var rest = parts[1..];
        if (parts[0].Piece == LikePiece.Anything)
            return Enumerable.Range(0, text.Length + 1).Any(n => Matches(rest, text[n..], cased));
        if (parts[0].Piece == LikePiece.OneCharacter)
            return text.Length > 0 && Matches(rest, text[1..], cased);
        Rune[] literal = [.. parts[0].Text.EnumerateRunes()];
        return text.Length >= literal.Length
            && literal.Zip(text).All(pair => Same(pair.First, pair.Second, cased))
            && Matches(rest, text[literal.Length..], cased);
    }

    static bool Same(Rune one, Rune other, bool cased) =>
        cased ? one == other : Rune.ToUpperInvariant(one) == Rune.ToUpperInvariant(other);
}
