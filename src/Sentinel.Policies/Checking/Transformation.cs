using System.Text;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>
/// What stands for a value in encoded or rewritten form: <c>windash</c>, <c>wide</c>, <c>base64offset</c>
/// and so on, written out when the policy is read, so that events are only compared.
/// </summary>
static class Transformation
{
    const string Dashes = "-/\u2013\u2014\u2015";

    static readonly Dictionary<string, int> stages = new()
    {
        ["windash"] = 0,
        ["wide"] = 1,
        ["utf16le"] = 1,
        ["utf16be"] = 1,
        ["utf16"] = 1,
        ["base64"] = 2,
        ["base64offset"] = 2,
    };

    /// <summary>Every text that a value stands for; null where it stands for none, which is reported.</summary>
    public static IReadOnlyList<string>? Expand(Reporter reporter, OperandSyntax operand)
    {
        var words = operand.Transformations;
        if (words.Count == 0)
            return [.. operand.Values.Select(v => v.Value)];
        for (var i = 1; i < words.Count; i++)
            if (stages[words[i].Value] <= stages[words[i - 1].Value])
            {
                reporter.Add(
                    Codes.WrongTransformation,
                    words[i].Place,
                    $"{words[i]} cannot come after {words[i - 1]}.",
                    "One of each, in this order: windash; wide or utf16…; base64 or base64offset."
                );
                return null;
            }
        var all = operand.Values.Select(v => Expand(reporter, words, v)).ToList();
        return all.Contains(null) ? null : [.. all.SelectMany(texts => texts!).Distinct()];
    }

    static IReadOnlyList<string>? Expand(Reporter reporter, IReadOnlyList<Token> words, Token value)
    {
        IEnumerable<string> texts = [value.Value];
        var names = words.Select(w => w.Value).ToList();
        if (names.Contains("windash"))
            texts = WithDashes(value.Value);
        if (texts.TryGetNonEnumeratedCount(out var count) && count == 0)
        {
            reporter.Add(
                Codes.WrongTransformation,
                value.Place,
                $"'windash' makes more than {Limits.VariantsPerValueMax} texts of this value.",
                "Split it: each dash at the start of a word multiplies them by five."
            );
            return null;
        }
        var encoding = names.Find(n => stages[n] == 1);
        var base64 = names.Find(n => stages[n] == 2);
        if (encoding is null && base64 is null)
            return [.. texts];
        var encoded = texts.Select(text => Encode(text, encoding));
        if (base64 is not null)
            return [.. encoded.SelectMany(bytes => Base64(bytes, base64 == "base64offset"))];
        var read = encoded.Select(Read).ToList();
        if (!read.Contains(null))
            return [.. read.OfType<string>()];
        reporter.Add(
            Codes.WrongTransformation,
            value.Place,
            $"'{encoding}' makes bytes of this value that are no text, so no text has them.",
            "Add base64 or base64offset behind it."
        );
        return null;
    }

    /// <summary>
    /// Each dash or slash that begins a word, as every character that Windows takes for it; none where
    /// these are too many.
    /// </summary>
    internal static IReadOnlyList<string> WithDashes(string text)
    {
        List<string> variants = [""];
        for (var i = 0; i < text.Length; i++)
        {
            // As in pySigma: \B[-/]\b, a dash behind no word and before one.
            var begins =
                Dashes.Contains(text[i])
                && !(i > 0 && IsWordPart(text[i - 1]))
                && i + 1 < text.Length
                && IsWordPart(text[i + 1]);
            if (begins && variants.Count * Dashes.Length > Limits.VariantsPerValueMax)
                return [];
            var next = begins ? Dashes : text[i].ToString();
            variants = [.. variants.SelectMany(_ => next, (variant, c) => variant + c)];
        }
        return variants;
    }

    static bool IsWordPart(char c) => char.IsLetterOrDigit(c) || c == '_';

    static byte[] Encode(string text, string? encoding) =>
        encoding switch
        {
            null => Encoding.UTF8.GetBytes(text),
            "utf16be" => Encoding.BigEndianUnicode.GetBytes(text),
            "utf16" => [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(text)],
            _ => Encoding.Unicode.GetBytes(text),
        };

    static string? Read(byte[] bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        return text.Contains('\uFFFD') ? null : text;
    }

    /// <summary>With offsets: the part that is the same wherever the value stands in what was encoded.</summary>
    internal static IEnumerable<string> Base64(byte[] bytes, bool offsets)
    {
        if (!offsets)
        {
            yield return Convert.ToBase64String(bytes);
            yield break;
        }
        for (var shift = 0; shift < 3; shift++)
        {
            var text = Convert.ToBase64String([.. new byte[shift], .. bytes]);
            var start = (shift * 8 + 5) / 6;
            var end = (shift + bytes.Length) * 8 / 6;
            if (end > start)
                yield return text[start..end];
        }
    }
}
