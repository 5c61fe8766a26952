namespace Sentinel.Policies.Syntax;

/// <summary>One declaration as it was written; clauses that could not be read are left out.</summary>
sealed record DeclarationSyntax(
    Token Keyword,
    Token Name,
    Token? Type,
    IReadOnlyList<PlacedClause> Clauses,
    bool Damaged
)
{
    /// <summary>The words that open the clauses that could not be read.</summary>
    public IReadOnlySet<string> DamagedClauses { get; init; } = new HashSet<string>();

    public IEnumerable<(Token At, T Clause)> Of<T>()
        where T : ClauseSyntax =>
        Clauses.Where(c => c.Clause is T).Select(c => (c.At, (T)c.Clause));
}

/// <param name="At">The word that opens the clause.</param>
sealed record PlacedClause(Token At, ClauseSyntax Clause);

abstract record ClauseSyntax;

// Of several kinds of declaration.

sealed record DescriptionClause(Token Text) : ClauseSyntax;

sealed record SeverityClause(Token Value) : ClauseSyntax;

// Of a source.

sealed record AcceptsClause(Token Format, ConditionSyntax? Where) : ClauseSyntax;

sealed record LineClause(Token Template, ShapeSyntax Is) : ClauseSyntax;

sealed record WhenClause(ConditionSyntax Condition, IReadOnlyList<MapItem> Items) : ClauseSyntax;

sealed record FieldsClause(IReadOnlyList<MapItem> Items) : ClauseSyntax;

sealed record OtherwiseClause(IReadOnlyList<MapItem> Items) : ClauseSyntax;

sealed record TimestampClause(Token? Path, IReadOnlyList<Token> Formats, ZoneSyntax? Zone)
    : ClauseSyntax;

/// <summary><c>record open below Event.EventData, Event.System</c></summary>
sealed record RecordClause(IReadOnlyList<Token> Below) : ClauseSyntax;

/// <summary><c>severity map from level: debug = 1, error = 6</c></summary>
sealed record SeverityFromClause(Token OfMember, IReadOnlyList<SeverityStepSyntax> Steps)
    : ClauseSyntax;

/// <summary><c>category map from event: login = auth.login_succeeded severity 1</c></summary>
sealed record CategoryFromClause(Token OfMember, IReadOnlyList<MappedShapeSyntax> Steps)
    : ClauseSyntax;

sealed record MappedShapeSyntax(Token Theirs, ShapeSyntax Shape);

sealed record LatenessClause(Token Duration) : ClauseSyntax;

sealed record SilentClause(Token Duration) : ClauseSyntax;

sealed record TagsClause(IReadOnlyList<Token> Tags) : ClauseSyntax;

/// <param name="Sign">Null for <c>utc</c>.</param>
sealed record ZoneSyntax(Token? Sign, Token Offset);

sealed record ShapeSyntax(
    TextPlace Place,
    Token Type,
    Token? Severity,
    Token? Outcome,
    IReadOnlyList<Token> Tags
)
{
    public Token? Ocsf { get; init; }
}

/// <summary>Either what the event is, or which member becomes which field.</summary>
abstract record MapItem
{
    public sealed record ShapeItem(ShapeSyntax Shape) : MapItem;

    public sealed record FieldItem(Token Field, Token Path) : MapItem;
}

// Of a list.

sealed record EntryClause(Token Value, Token? Until, Token? Because) : ClauseSyntax;

// Of an sla.

sealed record SlaClause(IReadOnlyList<SlaItem> Items) : ClauseSyntax;

sealed record SlaItem(Token Keyword, Token Value);

/// <param name="TaskType">Null for an approval.</param>
sealed record SlaPauseClause(Token? TaskType) : ClauseSyntax;

/// <param name="Queue">Null where somebody is told instead.</param>
sealed record SlaStepClause(Token Percent, Token Of, IReadOnlyList<Token> Notify, Token? Queue)
    : ClauseSyntax;

// Of a calendar, whose zone is a NameClause.

sealed record HoursClause(IReadOnlyList<DaySpan> Days, Token From, Token To) : ClauseSyntax;

/// <param name="Last">Null for one day.</param>
sealed record DaySpan(Token First, Token? Last);

sealed record HolidayClause(Token Date, bool Every, Token Name) : ClauseSyntax;

// Of a mapping and of a retention.

sealed record MappedClause(IReadOnlyList<MappedSyntax> Pairs) : ClauseSyntax;

sealed record MappedSyntax(Token Theirs, Token Ours);

sealed record SourcesClause(IReadOnlyList<Token> Sources) : ClauseSyntax;

/// <param name="What"><c>delete</c> or <c>archive</c>.</param>
sealed record AfterwardsClause(Token What, Token? Place) : ClauseSyntax;

// Of an escalation.

sealed record SeverityMapClause(IReadOnlyList<SeverityStepSyntax> Steps) : ClauseSyntax;

/// <param name="Last">Null for one severity, or one name.</param>
sealed record SeverityStepSyntax(Token First, Token? Last, Token Value);

sealed record NotifyClause(IReadOnlyList<Token> Who, Token When) : ClauseSyntax;

sealed record ConditionClause(ConditionSyntax Condition) : ClauseSyntax;

sealed record OpenClause(Token CaseType, IReadOnlyList<Token>? Severity) : ClauseSyntax;

/// <summary><c>sla p1</c>, <c>queue soc</c>, <c>owner "…"</c>, <c>workflow w</c>, <c>order 10</c></summary>
sealed record NameClause(Token Value) : ClauseSyntax;

sealed record TaskClause(Token Type, Token Description) : ClauseSyntax;

sealed record ClosingClause(IReadOnlyList<ClosingItem> Items) : ClauseSyntax;

/// <param name="AtLeast">Null for an attestation.</param>
sealed record ClosingItem(Token What, Token? AtLeast);
