namespace Sentinel.Policies.Syntax;

/// <summary>A condition as it was written.</summary>
abstract record ConditionSyntax(TextPlace Place)
{
    public sealed record Conjunction(TextPlace Place, IReadOnlyList<ConditionSyntax> Of)
        : ConditionSyntax(Place);

    public sealed record Disjunction(TextPlace Place, IReadOnlyList<ConditionSyntax> Of)
        : ConditionSyntax(Place);

    public sealed record Not(TextPlace Place, ConditionSyntax Of) : ConditionSyntax(Place);

    public sealed record Test(TextPlace Place, Token Field, TestSyntax Of) : ConditionSyntax(Place);
}

/// <summary>What is asked of one field.</summary>
abstract record TestSyntax
{
    /// <summary><c>severity &gt;= 7</c>; Other is the field of <c>== field(name)</c>.</summary>
    public sealed record Compare(bool Cased, Token Sign, Token Value, Token? Other) : TestSyntax;

    /// <summary><c>in (a, b)</c></summary>
    public sealed record InValues(bool Cased, IReadOnlyList<Token> Values) : TestSyntax;

    /// <summary><c>in trusted_scanners</c></summary>
    public sealed record InList(Token List) : TestSyntax;

    /// <summary><c>contains</c>, <c>startswith</c>, <c>endswith</c>, <c>matches</c>, <c>cidr</c></summary>
    public sealed record Asks(bool Cased, Token Word, bool All, IReadOnlyList<Token> Values)
        : TestSyntax;

    /// <summary><c>exists</c>: it has a value.</summary>
    public sealed record Presence : TestSyntax;

    /// <summary><c>has clock_drift</c>: it has a value, and not false.</summary>
    public sealed record Has : TestSyntax;

    /// <summary>The negation that belongs to an operator: <c>not in</c>, <c>!=</c>.</summary>
    public sealed record Negated(TestSyntax Of) : TestSyntax;
}
