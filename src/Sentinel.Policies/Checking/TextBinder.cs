using System.Diagnostics;
using System.Text.RegularExpressions;
using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>Text asked against values that stand in the policy, changed first as the words say.</summary>
/// <param name="field">Null for every value of the whole event.</param>
sealed class TextBinder(Reporter reporter, Field? field, SubjectSyntax subject)
{
    readonly LeafMaker leaf = new(field, subject);

    public ConditionTree? Bind(TestSyntax asked) =>
        asked switch
        {
            TestSyntax.Compare compare => leaf.Of(asked, Equal(compare.Cased, compare.With)),
            TestSyntax.InValues many => leaf.Of(asked, Equal(many.Cased, many.With)),
            TestSyntax.Asks { All: true } all => LeafMaker.All([
                .. all.With.Values.Select(value =>
                    Ask(all with { All = false, With = all.With with { Values = [value] } })
                ),
            ]),
            TestSyntax.Asks asks => Ask(asks),
            _ => throw new UnreachableException(),
        };

    PredicateTest? Equal(bool cased, OperandSyntax operand) =>
        Expand(operand) is { } values
            ? new PredicateTest.TextIs(TextMatch.Equal, cased, values)
            {
                OrByNumber = field?.Type == FieldType.Untyped && operand.Transformations.Count == 0,
            }
            : null;

    ConditionTree? Ask(TestSyntax.Asks asks) =>
        asks.Word.Value switch
        {
            "contains" when field?.Type == FieldType.TextList => leaf.Of(
                asks,
                Texts(TextMatch.Equal, asks)
            ),
            "contains" => leaf.Of(asks, Texts(TextMatch.Contains, asks)),
            "startswith" => leaf.Of(asks, Texts(TextMatch.StartsWith, asks)),
            "endswith" => leaf.Of(asks, Texts(TextMatch.EndsWith, asks)),
            "matches" => leaf.Of(asks, Regexes(asks)),
            _ => Like(asks),
        };

    PredicateTest? Texts(TextMatch match, TestSyntax.Asks asks) =>
        Expand(asks.With) is { } values
            ? new PredicateTest.TextIs(match, asks.Cased, values)
            : null;

    PredicateTest? Regexes(TestSyntax.Asks asks)
    {
        foreach (var word in asks.With.Transformations)
            ReportUnfit(word, asks.Word);
        var options = RegexOptions.None;
        foreach (var flag in asks.Flags?.Value ?? "")
            options |= flag switch
            {
                'i' => RegexOptions.IgnoreCase,
                'm' => RegexOptions.Multiline,
                _ => RegexOptions.Singleline,
            };
        var good = asks.With.Values.Count(v => RegexCheck.Passes(reporter, v, options));
        return good == asks.With.Values.Count && asks.With.Transformations.Count == 0
            ? new PredicateTest.RegexFinds(options, [.. asks.With.Values.Select(v => v.Value)])
            : null;
    }

    /// <summary>Patterns that are only a prefix, a suffix or a part become what they are.</summary>
    ConditionTree? Like(TestSyntax.Asks asks)
    {
        foreach (var word in asks.With.Transformations.Where(w => w.Value != "windash"))
            ReportUnfit(word, asks.Word);
        if (asks.With.Transformations.Any(w => w.Value != "windash"))
            return null;
        var kinds = asks
            .With.Values.Select(v => (Written: v, Simple(LikePattern.Parse(v.Value)).Match))
            .GroupBy(v => v.Match, v => v.Written);
        return LeafMaker.Any([
            .. kinds.Select(kind =>
            {
                var part = asks with { With = asks.With with { Values = [.. kind] } };
                if (Expand(part.With) is not { } values)
                    return null;
                var wanted = values.Select(v => Simple(LikePattern.Parse(v)).Literal ?? v);
                return leaf.Of(part, new PredicateTest.TextIs(kind.Key, asks.Cased, [.. wanted]));
            }),
        ]);
    }

    static (TextMatch Match, string? Literal) Simple(LikePattern pattern)
    {
        const LikePiece any = LikePiece.Anything;
        const LikePiece text = LikePiece.Literal;
        var parts = pattern.Parts;
        return parts.Select(p => p.Piece).ToList() switch
        {
            [] => (TextMatch.Equal, ""),
            [text] => (TextMatch.Equal, parts[0].Text),
            [any] => (TextMatch.Contains, ""),
            [text, any] => (TextMatch.StartsWith, parts[0].Text),
            [any, text] => (TextMatch.EndsWith, parts[1].Text),
            [any, text, any] => (TextMatch.Contains, parts[1].Text),
            _ => (TextMatch.Like, null),
        };
    }

    void ReportUnfit(Token word, Token operation) =>
        reporter.Add(
            Codes.WrongTransformation,
            word.Place,
            $"'{operation.Value}' takes its values as they are written, without {word}.",
            "Use ==, in, contains, startswith or endswith."
        );

    ValueList<string>? Expand(OperandSyntax operand) =>
        Transformation.Expand(reporter, operand) is { } values ? [.. values] : null;
}
