namespace Sentinel.Policies.Syntax;

/// <summary>A condition as it was written.</summary>
abstract record ConditionSyntax(TextPlace Place)
{
    public sealed record Conjunction(TextPlace Place, IReadOnlyList<ConditionSyntax> Of)
        : ConditionSyntax(Place);

    public sealed record Disjunction(TextPlace Place, IReadOnlyList<ConditionSyntax> Of)
        : ConditionSyntax(Place);

    public sealed record Not(TextPlace Place, ConditionSyntax Of) : ConditionSyntax(Place);

    public sealed record Test(TextPlace Place, SubjectSyntax Subject, TestSyntax Of)
        : ConditionSyntax(Place);

    /// <summary>A named part of the rule, by its bare name.</summary>
    public sealed record Part(TextPlace Place, Token Name) : ConditionSyntax(Place);

    /// <summary><c>1 of selection_*</c>, <c>all of (a, b)</c></summary>
    /// <param name="Names">A star stands for any text.</param>
    public sealed record CountOf(TextPlace Place, Token Count, IReadOnlyList<Token> Names)
        : ConditionSyntax(Place);
}

/// <summary><c>user</c>, <c>"user name"</c>, or <c>hour(event_time)</c>.</summary>
/// <param name="TimePart">Null for the field itself.</param>
sealed record SubjectSyntax(Token Field, Token? TimePart)
{
    /// <summary>Every value of the whole event, and not a field of that name.</summary>
    public bool IsRecord => TimePart is null && Field.IsWord("record");
}

/// <summary>What is asked of one field.</summary>
abstract record TestSyntax
{
    /// <summary><c>severity &gt;= 7</c>, <c>user == field(target_user)</c></summary>
    public sealed record Compare(bool Cased, Token Sign, OperandSyntax With) : TestSyntax;

    /// <summary><c>in (a, b)</c></summary>
    public sealed record InValues(bool Cased, OperandSyntax With) : TestSyntax;

    /// <summary><c>in trusted_scanners</c></summary>
    public sealed record InList(Token List) : TestSyntax;

    /// <summary>
    /// <c>contains</c>, <c>startswith</c>, <c>endswith</c>, <c>like</c>, <c>matches</c>, <c>cidr</c>
    /// </summary>
    /// <param name="Flags">Of <c>matches ims</c>.</param>
    public sealed record Asks(bool Cased, Token Word, Token? Flags, bool All, OperandSyntax With)
        : TestSyntax;

    /// <summary><c>exists</c>: it has a value.</summary>
    public sealed record Presence : TestSyntax;

    /// <summary><c>has clock_drift</c>: it has a value, and not false.</summary>
    public sealed record Has : TestSyntax;

    /// <summary>The negation that belongs to an operator: <c>not in</c>, <c>!=</c>.</summary>
    public sealed record Negated(TestSyntax Of) : TestSyntax;
}

/// <summary>What stands right of an operator: <c>wide base64 ('a', 'b')</c>, <c>field(other)</c>.</summary>
/// <param name="Other">The field; then there are no values.</param>
sealed record OperandSyntax(
    IReadOnlyList<Token> Transformations,
    IReadOnlyList<Token> Values,
    Token? Other
);
