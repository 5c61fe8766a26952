using Sprache;
using static Sentinel.Policies.Syntax.Grammar;

namespace Sentinel.Policies.Syntax;

/// <summary>
/// or, and, not, parentheses, and what is asked of one field. Depth is bounded before: only
/// parentheses recurse, and Scanner has counted them.
/// </summary>
static class ConditionGrammar
{
    static readonly Parser<IReadOnlyList<Token>> Values = Symbol("(")
        .Then(_ => Value.Listed())
        .Then(values => Symbol(")").Select(_ => values));

    static readonly Parser<IReadOnlyList<Token>> OneOrMoreValues = Values.XOr(
        Value.Select(value => (IReadOnlyList<Token>)[value])
    );

    static readonly Parser<Token> Comparer = Take(
        "an operator",
        t => t.Kind == TokenKind.Symbol && t.Value is "==" or "!=" or "<" or "<=" or ">" or ">="
    );

    static readonly Parser<TestSyntax> Comparing =
        from compare in Comparer
        from value in Value
        from other in value.IsWord("field")
            ? Symbol("(").Then(_ => Name).Then(name => Symbol(")").Select(_ => name)).Maybe()
            : Parse.Return<Token?>(null)
        select Compared(compare, value, other);

    static readonly Parser<TestSyntax> Membership = Word("in")
        .Then(_ =>
            Values
                .Select(values => (TestSyntax)new TestSyntax.InValues(false, values))
                .XOr(Name.Select(list => (TestSyntax)new TestSyntax.InList(list)))
        );

    static readonly Parser<TestSyntax> Operating =
        from word in OneOf("contains", "startswith", "endswith", "matches", "cidr")
        from all in Word("all").Maybe()
        from values in OneOrMoreValues
        select (TestSyntax)new TestSyntax.Asks(false, word, all is not null, values);

    static readonly Parser<TestSyntax> Existing = Word("exists")
        .Select(_ => (TestSyntax)new TestSyntax.Presence());

    static readonly Parser<TestSyntax> Asked =
        from cased in Word("cased").Maybe()
        from not in Word("not").Maybe()
        from test in not is null
            ? Comparing.XOr(Membership).XOr(Operating).XOr(Existing)
            : Membership.XOr(Operating).XOr(Existing)
        select Negate(not is not null, cased is null ? test : WithCase(test));

    static readonly Parser<ConditionSyntax> HasTest = Word("has")
        .Then(_ => Name)
        .Placed(
            (field, place) =>
                (ConditionSyntax)new ConditionSyntax.Test(place, field, new TestSyntax.Has())
        );

    static readonly Parser<ConditionSyntax> FieldTest = (
        from field in Name
        from test in Asked
        select (field, test)
    ).Placed(
        (asked, place) => (ConditionSyntax)new ConditionSyntax.Test(place, asked.field, asked.test)
    );

    static readonly Parser<ConditionSyntax> QuotedFieldTest = (
        from field in Text
        from test in Asked
        select (field, test)
    ).Placed(
        (asked, place) => (ConditionSyntax)new ConditionSyntax.Test(place, asked.field, asked.test)
    );

    static readonly Parser<ConditionSyntax> Primary = Symbol("(")
        .Then(_ => (Parser<ConditionSyntax>)(input => Condition!(input)))
        .Then(inner => Symbol(")").Select(_ => inner))
        .XOr(HasTest)
        .XOr(FieldTest)
        .XOr(QuotedFieldTest);

    // A row of nots is a loop: thousands of them do not deepen the stack.
    static readonly Parser<ConditionSyntax> Unary = (
        from nots in Word("not").Repeated()
        from inner in Primary
        select (nots, inner)
    ).Placed(
        (unary, place) =>
            unary.nots.Count % 2 == 0 ? unary.inner : new ConditionSyntax.Not(place, unary.inner)
    );

    static readonly Parser<ConditionSyntax> Conjunction = Unary
        .SeparatedBy(Word("and"))
        .Placed((of, place) => of.Count == 1 ? of[0] : new ConditionSyntax.Conjunction(place, of));

    public static readonly Parser<ConditionSyntax> Condition = Conjunction
        .SeparatedBy(Word("or"))
        .Placed((of, place) => of.Count == 1 ? of[0] : new ConditionSyntax.Disjunction(place, of));

    static TestSyntax Compared(Token compare, Token value, Token? other) =>
        compare.Value == "!="
            ? new TestSyntax.Negated(
                new TestSyntax.Compare(false, compare with { Value = "==" }, value, other)
            )
            : new TestSyntax.Compare(false, compare, value, other);

    static TestSyntax Negate(bool negate, TestSyntax test) =>
        negate ? new TestSyntax.Negated(test) : test;

    static TestSyntax WithCase(TestSyntax test) =>
        test switch
        {
            TestSyntax.Compare compare => compare with { Cased = true },
            TestSyntax.InValues values => values with { Cased = true },
            TestSyntax.Asks asked => asked with { Cased = true },
            TestSyntax.Negated negated => new TestSyntax.Negated(WithCase(negated.Of)),
            _ => test,
        };
}
