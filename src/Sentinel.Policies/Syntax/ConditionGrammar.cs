using Sprache;
using static Sentinel.Policies.Syntax.Grammar;

namespace Sentinel.Policies.Syntax;

/// <summary>
/// or, and, not, parentheses, named parts, and what is asked of one field. Depth is bounded before: only
/// parentheses recurse, and Scanner has counted them.
/// </summary>
static class ConditionGrammar
{
    static readonly Parser<ConditionSyntax> HasTest = Word("has")
        .Then(_ => FieldName)
        .Placed(
            (field, place) =>
                (ConditionSyntax)
                    new ConditionSyntax.Test(
                        place,
                        new SubjectSyntax(field, null),
                        new TestSyntax.Has()
                    )
        );

    static readonly Parser<ConditionSyntax> CountOf = (
        from count in AnyWord
        from of in Word("of")
        from names in Symbol("(")
            .Then(_ => Name.Listed())
            .Then(names => Symbol(")").Select(_ => names))
            .XOr(Name.Select(name => (IReadOnlyList<Token>)[name]))
        select (count, names)
    ).Placed(
        (of, place) => (ConditionSyntax)new ConditionSyntax.CountOf(place, of.count, of.names)
    );

    static readonly Parser<ConditionSyntax> Part = Name.Placed(
        (name, place) => (ConditionSyntax)new ConditionSyntax.Part(place, name)
    );

    static readonly Parser<SubjectSyntax> TimePartOf =
        from part in AnyWord
        from open in Symbol("(")
        from field in FieldName
        from close in Symbol(")")
        select new SubjectSyntax(field, part);

    static readonly Parser<SubjectSyntax> WholeField = FieldName.Select(field => new SubjectSyntax(
        field,
        null
    ));

    static readonly Parser<SubjectSyntax> Subject = Dispatch(
        (token, next) =>
            token.Kind == TokenKind.Word && next.IsSymbol("(") ? TimePartOf : WholeField
    );

    static readonly Parser<ConditionSyntax> FieldTest = (
        from subject in Subject
        from test in TestGrammar.Test
        select (subject, test)
    ).Placed(
        (asked, place) =>
            (ConditionSyntax)new ConditionSyntax.Test(place, asked.subject, asked.test)
    );

    static readonly Parser<ConditionSyntax> Parenthesised = Symbol("(")
        .Then(_ => (Parser<ConditionSyntax>)(input => Condition!(input)))
        .Then(inner => Symbol(")").Select(_ => inner));

    static readonly Parser<ConditionSyntax> Primary = Dispatch(
        (token, next) =>
            token.IsSymbol("(") ? Parenthesised
            : token.IsWord("has") && next.Kind != TokenKind.Symbol ? HasTest
            : token.Kind == TokenKind.Word && next.IsWord("of") ? CountOf
            : token.Kind == TokenKind.Word && EndsTerm(next) ? Part
            : FieldTest
    );

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

    static bool EndsTerm(Token token) =>
        token.Kind == TokenKind.End
        || token.IsSymbol(")")
        || token.IsSymbol(",")
        || token.Kind == TokenKind.Word && token.Value is "and" or "or" or "until" or "because";
}
