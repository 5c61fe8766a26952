using Sprache;
using static Sentinel.Policies.Syntax.Grammar;

namespace Sentinel.Policies.Syntax;

/// <summary>A test inside a rule: what comes in, and what is expected.</summary>
static class RuleTestGrammar
{
    static readonly Parser<InputSyntax> Input =
        from word in Word("at")
        from at in AnyWord
        from source in Word("from").Then(_ => Name).Maybe()
        from line in Text
        from times in Grammar.Number.Then(n => OneOf("times", "time").Select(_ => n)).Maybe()
        from every in Word("every").Then(_ => DurationToken).Maybe()
        select new InputSyntax(at, source, line, times, every);

    static readonly Parser<ExpectedSyntax> Number =
        from what in OneOf("severity", "confidence", "count")
        from sign in Comparer
        from value in AnyWord
        select new ExpectedSyntax(what, null, sign, value);

    static readonly Parser<ExpectedSyntax> Key =
        from what in Word("key")
        from name in FieldName
        from sign in Symbol("==").XOr(Symbol("!="))
        from value in Value
        select new ExpectedSyntax(what, name, sign, value);

    static readonly Parser<ExpectedSyntax> Time =
        from what in OneOf("first", "last")
        from at in Word("at")
        from time in AnyWord
        select new ExpectedSyntax(what, null, null, time);

    static readonly Parser<IReadOnlyList<ExpectedSyntax>> With = Word("with")
        .Then(_ => Number.XOr(Key).XOr(Time).Listed())
        .XOr(Parse.Return<IReadOnlyList<ExpectedSyntax>>([]));

    static readonly Parser<ExpectSyntax> Expect = Word("expect")
        .Then(_ =>
            Word("nothing")
                .Select(_ => new ExpectSyntax(null, []))
                .XOr(
                    from count in Grammar.Number
                    from word in OneOf("finding", "findings")
                    from with in With
                    select new ExpectSyntax(count, with)
                )
        );

    public static readonly Parser<ClauseSyntax> Test =
        from name in Text
        from sample in Words("from", "file").Then(_ => Text).Maybe()
        from inputs in Input.Repeated()
        from expect in Expect
        from more in Expect.Repeated()
        select (ClauseSyntax)new TestClause(name, sample, inputs, [expect, .. more]);
}
