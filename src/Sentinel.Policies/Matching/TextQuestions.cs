using System.Globalization;
using System.Text;
using Sentinel.Policies.Compilation;
using Sentinel.Policies.Model;

namespace Sentinel.Policies.Matching;

/// <summary>
/// Predicates over folded UTF-8, so that most need no string; the others ask the plain way, which says
/// what is right for all.
/// </summary>
static class TextQuestions
{
    // Beyond it, a double is no longer every whole number.
    const double ExactMax = 9007199254740992;

    public static Func<EventTexts, bool> Compile(Predicate predicate)
    {
        // Made when first needed: regular expressions take their time.
        var compiled = new Lazy<Func<IFieldValues, bool>>(() =>
            ConditionCompiler.Compile(predicate)
        );
        Func<EventTexts, bool> plain = texts => compiled.Value(texts.Values);
        if (predicate.Field is not { Ordinal: var ordinal })
            return plain;
        return predicate.Asked switch
        {
            PredicateTest.IsPresent => texts => texts.StateOf(ordinal) != TextState.Absent,
            PredicateTest.TextIs text => OfText(ordinal, text, plain),
            PredicateTest.NumberIs number => OfNumber(ordinal, number, plain),
            _ => texts => texts.StateOf(ordinal) != TextState.Absent && plain(texts),
        };
    }

    static Func<EventTexts, bool> OfText(
        int ordinal,
        PredicateTest.TextIs test,
        Func<EventTexts, bool> plain
    )
    {
        if (FoldedTest(test) is not { } holds)
            return texts => texts.StateOf(ordinal) != TextState.Absent && plain(texts);
        var beyondAscii = !test.Wanted.All(v => Ascii.IsValid(v));
        var numbers = test.OrByNumber
            ? test.Wanted.Select(v => ValueText.Number(v)).OfType<double>().ToArray()
            : [];
        return texts =>
        {
            switch (texts.StateOf(ordinal))
            {
                case TextState.Absent:
                    return false;
                case TextState.List:
                    return plain(texts);
            }
            var text = texts[ordinal];
            if (holds(text.Bytes))
                return !test.Cased || plain(texts);
            if (beyondAscii && !text.IsAscii)
                return plain(texts);
            return numbers.Length > 0
                && NumberOf(text.Bytes) is { } number
                && numbers.Contains(number);
        };
    }

    static Func<EventTexts, bool> OfNumber(
        int ordinal,
        PredicateTest.NumberIs test,
        Func<EventTexts, bool> plain
    )
    {
        var equal = test.Comparison == Comparison.Equal;
        var wanted = test.Wanted.ToArray();
        return texts =>
        {
            if (texts.StateOf(ordinal) != TextState.Text)
                return plain(texts);
            if (NumberOf(texts[ordinal].Bytes) is not { } number)
                return false;
            return equal && Math.Abs(number) < ExactMax ? wanted.Contains(number) : plain(texts);
        };
    }

    /// <summary>Of the wanted texts that are ASCII; null where characters have to be looked at.</summary>
    static TextTest? FoldedTest(PredicateTest.TextIs test)
    {
        byte[][] wanted = [.. test.Wanted.Where(v => Ascii.IsValid(v)).Select(Fold)];
        return test.Match switch
        {
            TextMatch.Equal => text => Any(text, wanted, static (t, v) => t.SequenceEqual(v)),
            TextMatch.Contains => text => Any(text, wanted, static (t, v) => t.IndexOf(v) >= 0),
            TextMatch.StartsWith => text => Any(text, wanted, static (t, v) => t.StartsWith(v)),
            TextMatch.EndsWith => text => Any(text, wanted, static (t, v) => t.EndsWith(v)),
            TextMatch.Like => FoldedLike(test.Wanted),
        };
    }

    static TextTest? FoldedLike(ValueList<string> wanted)
    {
        var patterns = wanted.Select(v => FoldedPattern.Of(LikePattern.Parse(v))).ToArray();
        return patterns.Contains(null)
            ? null
            : text =>
            {
                foreach (var pattern in patterns)
                    if (pattern!.Matches(text))
                        return true;
                return false;
            };
    }

    static bool Any(ReadOnlySpan<byte> text, byte[][] values, TextAndValueTest holds)
    {
        foreach (var value in values)
            if (holds(text, value))
                return true;
        return false;
    }

    static byte[] Fold(string value) => Encoding.ASCII.GetBytes(value.ToLowerInvariant());

    public static double? NumberOf(ReadOnlySpan<byte> text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    delegate bool TextTest(ReadOnlySpan<byte> text);

    delegate bool TextAndValueTest(ReadOnlySpan<byte> text, ReadOnlySpan<byte> value);
}
