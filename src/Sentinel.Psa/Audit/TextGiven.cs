using System.Text.RegularExpressions;

namespace Sentinel.Psa.Audit;

/// <summary>What people type is looked at before the database is: a sentence instead of an error code.</summary>
static partial class TextGiven
{
    public static RuleRefusal? Unfit(string rule, string what, string? text, int charsMax) =>
        string.IsNullOrWhiteSpace(text)
            ? new RuleRefusal(rule, $"the {what} is empty", "the same person, with some words")
        : text.Length > charsMax
            ? new RuleRefusal(
                rule,
                $"the {what} has {text.Length} characters, and {charsMax} are allowed",
                "the same person, with fewer words, or with the text attached as evidence"
            )
        : text.Contains('\0')
            ? new RuleRefusal(
                rule,
                $"the {what} holds a NUL character, which no text may hold",
                "the same person, with the text attached as evidence"
            )
        : null;

    /// <summary>A kind of thing: lower case, such as <c>reset_password</c>.</summary>
    public static RuleRefusal? NotAWord(string rule, string what, string? word) =>
        word is not null && WordPattern().IsMatch(word)
            ? null
            : new RuleRefusal(
                rule,
                $"the {what} is one word of a to z and _, at most 50 characters, "
                    + "such as reset_password",
                "the same person, with such a word"
            );

    public static RuleRefusal? NotATag(string? tag) =>
        tag is not null && TagPattern().IsMatch(tag)
            ? null
            : new RuleRefusal(
                "case_tag.form",
                "a tag has 1 to 64 characters of a to z, 0 to 9 and _ . : / -, "
                    + "and begins with a letter or a digit",
                "the same person, with such a tag"
            );

    [GeneratedRegex(@"\A[a-z_]{1,50}\z")]
    private static partial Regex WordPattern();

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9_.:/-]{0,63}\z")]
    private static partial Regex TagPattern();
}
