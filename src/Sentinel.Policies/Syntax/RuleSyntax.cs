namespace Sentinel.Policies.Syntax;

sealed record AttackClause(IReadOnlyList<Token> Techniques) : ClauseSyntax;

/// <param name="EventType">Of <c>hit of</c> and <c>risk of</c>, that word.</param>
sealed record LetClause(Token Name, Token EventType, ConditionSyntax? Where) : ClauseSyntax
{
    public IReadOnlyList<Token> HitsOf { get; init; } = [];

    public Token? RiskOf { get; init; }

    public bool IsOverHits => HitsOf.Count > 0 || RiskOf is not null;
}

sealed record RiskClause(IReadOnlyList<RiskSyntax> Of) : ClauseSyntax;

/// <summary><c>40 to login.user as user</c></summary>
sealed record RiskSyntax(Token Points, Token Of, Token? As);

/// <summary><c>author "…"</c>, <c>status stable</c>, <c>false positive "…"</c>: what people say about a rule.</summary>
sealed record AboutClause(IReadOnlyList<Token> Said) : ClauseSyntax;

/// <summary><c>let NAME = where CONDITION</c>: a named part of the rule's conditions.</summary>
sealed record PartClause(Token Name, ConditionSyntax Where) : ClauseSyntax;

sealed record EachClause(Token Selector, IReadOnlyList<KeySyntax> By) : ClauseSyntax;

sealed record AggregateClause(
    Token Selector,
    IReadOnlyList<KeySyntax> By,
    WindowSyntax Window,
    HavingSyntax Having
) : ClauseSyntax;

/// <summary><c>first login.source_ip by user within 30d after 7d</c>, <c>rare … at most 3 times</c></summary>
/// <param name="AtMost">Null for <c>first</c>.</param>
sealed record NovelClause(
    IReadOnlyList<Token> Values,
    IReadOnlyList<KeySyntax> By,
    Token Within,
    Token? AtMost,
    Token? After
) : ClauseSyntax;

/// <summary><c>unusual sent by user per 1h over 7d after 2d having sum(sent.bytes) > average + 3 deviations</c></summary>
sealed record UnusualClause(
    Token Selector,
    IReadOnlyList<KeySyntax> By,
    Token Per,
    Token Over,
    Token? After,
    HavingSyntax Having
) : ClauseSyntax;

sealed record ExceptClause(ConditionSyntax Where, Token? Until, Token Because) : ClauseSyntax;

/// <summary><c>all of failed at least 3 times, lockout by user within 10m</c></summary>
sealed record AllOfClause(
    IReadOnlyList<(Token Selector, Token? AtLeast)> Of,
    IReadOnlyList<KeySyntax> By,
    Token Within
) : ClauseSyntax;

sealed record SequenceClause(
    IReadOnlyList<KeySyntax> By,
    Token Within,
    IReadOnlyList<StepSyntax> Steps,
    IReadOnlyList<Token> Until
) : ClauseSyntax;

/// <param name="Kind">tumbling, hopping or session; null for sliding.</param>
/// <param name="Every">Of <c>hopping within D every E</c>.</param>
/// <param name="AtMost">Of <c>session within D at most E</c>.</param>
sealed record WindowSyntax(Token? Kind, Token Within, Token? Every, Token? AtMost);

/// <summary>Thresholds joined by <c>and</c> and <c>or</c>.</summary>
abstract record HavingSyntax
{
    public sealed record Reaches(ThresholdSyntax Threshold) : HavingSyntax;

    public sealed record All(IReadOnlyList<HavingSyntax> Parts) : HavingSyntax;

    public sealed record Any(IReadOnlyList<HavingSyntax> Parts) : HavingSyntax;
}

/// <summary><c>source_ip</c>, or <c>failed.user = login.target_user as account</c></summary>
sealed record KeySyntax(IReadOnlyList<Token> Fields, Token? As);

/// <param name="Absent"><c>then no X</c></param>
/// <param name="After">Of <c>then X within D</c>.</param>
/// <param name="Within">Of <c>at least N times within D</c>.</param>
sealed record StepSyntax(
    Token? Absent,
    Token Selector,
    Token? After,
    Token? AtLeast,
    Token? Within,
    IReadOnlyList<Token> Without
);

sealed record AggregationSyntax(TextPlace Place, Token Function, Token Of);

sealed record ThresholdSyntax(
    TextPlace Place,
    AggregationSyntax Aggregation,
    Token Comparison,
    Token Value
)
{
    /// <summary>The word <c>deviations</c> or <c>averages</c> behind the value.</summary>
    public Token? Against { get; init; }
}

sealed record ConfidenceClause(Token Base, IReadOnlyList<ConfidenceLineSyntax> Lines)
    : ClauseSyntax;

abstract record ConfidenceLineSyntax(TextPlace Place, bool Minus, Token Points)
{
    public sealed record Per(
        TextPlace Place,
        bool Minus,
        Token Points,
        Token Selector,
        Token? Beyond,
        Token? AtMost
    ) : ConfidenceLineSyntax(Place, Minus, Points);

    public sealed record Reaching(
        TextPlace Place,
        bool Minus,
        Token Points,
        ThresholdSyntax Threshold
    ) : ConfidenceLineSyntax(Place, Minus, Points);

    public sealed record WhenAnyHas(TextPlace Place, bool Minus, Token Points, Token Field)
        : ConfidenceLineSyntax(Place, Minus, Points);
}

sealed record RaisesClause(Token FindingType, Token Message) : ClauseSyntax;

sealed record OnceClause(IReadOnlyList<Token> Per, Token In) : ClauseSyntax;

/// <param name="Sample">A file beside the policy, whose records keep their own times; or null.</param>
sealed record TestClause(
    Token Name,
    Token? Sample,
    IReadOnlyList<InputSyntax> Inputs,
    IReadOnlyList<ExpectSyntax> Expects
) : ClauseSyntax;

sealed record InputSyntax(Token At, Token? Source, Token Line, Token? Times, Token? Every);

/// <param name="Findings">Null for nothing.</param>
sealed record ExpectSyntax(Token? Findings, IReadOnlyList<ExpectedSyntax> With);

/// <param name="What"><c>severity</c>, <c>confidence</c>, <c>count</c>, <c>key</c>, <c>first</c> or <c>last</c>.</param>
/// <param name="Name">Of a key.</param>
/// <param name="Sign">Null for a time.</param>
sealed record ExpectedSyntax(Token What, Token? Name, Token? Sign, Token Value);
