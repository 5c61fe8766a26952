using Sprache;
using static Sentinel.Policies.Syntax.Grammar;

namespace Sentinel.Policies.Syntax;

/// <summary>What is asked of one field: an operator, and what stands right of it.</summary>
static class TestGrammar
{
    static readonly string[] operators =
    [
        "contains",
        "startswith",
        "endswith",
        "like",
        "matches",
        "cidr",
    ];

    static readonly HashSet<string> transformations =
    [
        "windash",
        "wide",
        "utf16le",
        "utf16be",
        "utf16",
        "base64",
        "base64offset",
    ];

    static readonly Parser<IReadOnlyList<Token>> Values = Symbol("(")
        .Then(_ => Value.Listed())
        .Then(values => Symbol(")").Select(_ => values));

    static readonly Parser<Token> OtherField =
        from word in Word("field")
        from open in Symbol("(")
        from name in FieldName
        from close in Symbol(")")
        select name;

    /// <summary>Words that change values; without quotes or parentheses behind it, such a word is a value.</summary>
    static readonly Parser<IReadOnlyList<Token>> Transformations = Dispatch(
            (token, next) => IsTransformation(token, next) ? AnyWord : Nothing
        )
        .Repeated();

    static readonly Parser<IReadOnlyList<Token>> OneValue = Value.Select(value =>
        (IReadOnlyList<Token>)[value]
    );

    static readonly Parser<IReadOnlyList<Token>> OneOrMore = Dispatch(
        (token, _) => token.IsSymbol("(") ? Values : OneValue
    );

    static readonly Parser<OperandSyntax> ManyValues =
        from changes in Transformations
        from values in Values
        select new OperandSyntax(changes, values, null);

    static readonly Parser<OperandSyntax> OneOrMoreValues =
        from changes in Transformations
        from values in OneOrMore
        select new OperandSyntax(changes, values, null);

    static readonly Parser<OperandSyntax> OtherOperand = OtherField.Select(
        other => new OperandSyntax([], [], other)
    );

    static readonly Parser<OperandSyntax> Operand = Dispatch(
        (token, next) =>
            token.IsWord("field") && next.IsSymbol("(") ? OtherOperand : OneOrMoreValues
    );

    static readonly Parser<TestSyntax> Comparing =
        from sign in Comparer
        from operand in Operand
        select Compared(sign, operand);

    static readonly Parser<TestSyntax> InValues = ManyValues.Select(many =>
        (TestSyntax)new TestSyntax.InValues(false, many)
    );

    static readonly Parser<TestSyntax> InList = Name.Select(list =>
        (TestSyntax)new TestSyntax.InList(list)
    );

    static readonly Parser<TestSyntax> Members = Dispatch(
        (token, next) => token.IsSymbol("(") || IsTransformation(token, next) ? InValues : InList
    );

    static readonly Parser<TestSyntax> Membership = Word("in").Then(_ => Members);

    static readonly Parser<Token?> NoFlags = Parse.Return<Token?>(null);

    /// <summary><c>matches i 'x'</c>; in <c>matches i</c> the letter is the value.</summary>
    static readonly Parser<Token?> Flags = Dispatch(
        (token, next) =>
            IsFlags(token) && (next.IsQuoted || next.IsSymbol("(") || next.IsWord("all"))
                ? AnyWord
                : NoFlags
    );

    static readonly Parser<Token?> All = Word("all").Maybe();

    static readonly Parser<TestSyntax> Operating =
        from word in OneOf(operators)
        from flags in word.Value == "matches" ? Flags : NoFlags
        from all in All
        from operand in Operand
        select (TestSyntax)new TestSyntax.Asks(false, word, flags, all is not null, operand);

    static readonly Parser<TestSyntax> Existing = Word("exists")
        .Select(_ => (TestSyntax)new TestSyntax.Presence());

    // Tried where no operator stands, so that the diagnostic names them all.
    static readonly Parser<TestSyntax> Unsigned = Membership.XOr(Operating).XOr(Existing);
    static readonly Parser<TestSyntax> Anything = Comparing.XOr(Unsigned);

    static readonly Parser<TestSyntax> Any = Dispatch(
        (token, _) =>
            token.Kind == TokenKind.Symbol ? Comparing
            : token.IsWord("in") ? Membership
            : token.IsWord("exists") ? Existing
            : Array.Exists(operators, token.IsWord) ? Operating
            : Anything
    );

    static readonly Parser<Token?> Cased = Word("cased").Maybe();

    static readonly Parser<Token?> Not = Word("not").Maybe();

    public static readonly Parser<TestSyntax> Test =
        from cased in Cased
        from not in Not
        from test in not is null ? Any : Unsigned
        select Negate(not is not null, cased is null ? test : WithCase(test));

    static bool IsTransformation(Token token, Token next) =>
        token.Kind == TokenKind.Word
        && transformations.Contains(token.Value)
        && (
            next.IsQuoted
            || next.IsSymbol("(")
            || next.Kind == TokenKind.Word && transformations.Contains(next.Value)
        );

    static bool IsFlags(Token token) =>
        token.Kind == TokenKind.Word && token.Value.All(c => c is 'i' or 'm' or 's');

    static TestSyntax Compared(Token sign, OperandSyntax operand) =>
        sign.Value == "!="
            ? new TestSyntax.Negated(
                new TestSyntax.Compare(false, sign with { Value = "==" }, operand)
            )
            : new TestSyntax.Compare(false, sign, operand);

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
