using System.Globalization;
using System.Text.RegularExpressions;
using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>The selectors of one rule, and what refers to them: selector.field, count(selector).</summary>
/// <param name="open">Whether its events may have members that nobody declared.</param>
/// <param name="overHits">Whether all that it looks at are hits and risks.</param>
/// <param name="damaged">Whether a 'let' could not be read: then an unknown name is not to blame.</param>
sealed partial class RuleScope(
    Reporter reporter,
    CheckScope scope,
    bool open,
    bool overHits,
    bool damaged
)
{
    readonly FieldScope fields = new(reporter, scope.Events, open, overHits ? null : scope.Members);
    readonly NamedParts parts = new(reporter)
    {
        AreDamaged = damaged,
        Bind = (syntax, own) =>
            new ConditionBinder(
                reporter,
                scope,
                new FieldScope(reporter, scope.Events, open, overHits ? null : scope.Members),
                own
            ).BindPart(syntax),
    };
    readonly Dictionary<string, EventSelector?> selectors = [];
    readonly HashSet<string> used = [];

    static readonly Dictionary<string, AggregateFunction> functions = new()
    {
        ["count"] = AggregateFunction.Count,
        ["distinct"] = AggregateFunction.Distinct,
        ["sum"] = AggregateFunction.Sum,
        ["avg"] = AggregateFunction.Average,
        ["min"] = AggregateFunction.Minimum,
        ["max"] = AggregateFunction.Maximum,
    };

    public IReadOnlyList<EventSelector> InOrder { get; private set; } = [];

    public void Declare(PartClause part)
    {
        if (!Literals.Name(reporter, part.Name, dotted: false))
            return;
        if (parts.Contains(part.Name.Value))
            reporter.RepeatedName(part.Name, "part");
        else
            parts.Declare(part);
    }

    public void Declare(LetClause let)
    {
        if (!Literals.Name(reporter, let.Name, dotted: false))
            return;
        if (selectors.ContainsKey(let.Name.Value) || parts.Contains(let.Name.Value))
        {
            reporter.RepeatedName(let.Name, "selection");
            return;
        }
        var ofEvents = new FieldScope(
            reporter,
            scope.Events,
            scope.MayBeOpen(let.EventType.Value),
            let.IsOverHits ? null : scope.Members
        );
        var conditions = new ConditionBinder(reporter, scope, ofEvents, parts).Bind(let.Where);
        var selector =
            TypeOf(let) is var (category, type) && conditions is not null
                ? new EventSelector(let.Name.Value, category, type, conditions)
                {
                    HitsOf = [.. let.HitsOf.Select(r => r.Value)],
                }
                : null;
        selectors.Add(let.Name.Value, selector);
        if (selector is not null)
            InOrder = [.. InOrder, selector];
    }

    /// <summary>Also those that no condition names: all mistakes are told at once.</summary>
    public void CheckParts() => parts.BindUnused();

    (string? Category, string? Type)? TypeOf(LetClause let)
    {
        if (let.HitsOf.Count == 0 && let.RiskOf is null)
            return EventType(let.EventType);
        foreach (var rule in let.HitsOf.Where(r => !scope.Rules.Contains(r.Value)))
            reporter.Add(
                Codes.UnknownRule,
                rule.Place,
                $"No rule is called {rule}.",
                Suggestions.DidYouMean(rule.Value, scope.Rules)
            );
        if (let.RiskOf is not { } entity)
            return (Chaining.Hit, null);
        if (!scope.RiskEntities.Contains(entity.Value))
            reporter.Add(
                Codes.UnknownRisk,
                entity.Place,
                $"No rule adds to the risk of {entity}.",
                Suggestions.DidYouMean(entity.Value, scope.RiskEntities)
                    ?? $"Write 'risk 40 to {entity.Value}' in a rule."
            );
        return (Chaining.Risk, entity.Value);
    }

    /// <summary>auth.login_failed, auth.* or any</summary>
    (string? Category, string? Type)? EventType(Token token)
    {
        if (token.Value == "any")
            return (null, null);
        if (!EventTypes().IsMatch(token.Value))
        {
            reporter.Add(
                Codes.WrongName,
                token.Place,
                $"{token} is not a type of event.",
                "Write category.type, category.* or any."
            );
            return null;
        }
        var dot = token.Value.IndexOf('.');
        var (category, type) = (token.Value[..dot], token.Value[(dot + 1)..]);
        var known =
            type == "*"
                ? scope.EventTypes.Any(t => t.StartsWith(category + ".", StringComparison.Ordinal))
                : scope.EventTypes.Contains(token.Value);
        if (!known && scope.EventTypes.Count > 0)
            reporter.Add(
                Codes.UnknownEventType,
                token.Place,
                $"No source makes events of type {token}.",
                Suggestions.DidYouMean(token.Value, scope.EventTypes)
                    ?? "Add 'is …' with this type to a source, or use a type that one has."
            );
        return (category, type == "*" ? null : type);
    }

    /// <summary>What an exception asks of a hit; null where it is wrong, which is reported.</summary>
    public IReadOnlyList<Condition>? Conditions(ConditionSyntax syntax) =>
        new ConditionBinder(reporter, scope, fields, parts).Bind(syntax);

    /// <summary>Null for one that is unknown, which is reported, or wrong, which was.</summary>
    public EventSelector? Selector(Token name)
    {
        used.Add(name.Value);
        if (selectors.TryGetValue(name.Value, out var selector) || damaged)
            return selector;
        reporter.Add(
            Codes.UnknownSelector,
            name.Place,
            $"No 'let' of this rule is called {name}.",
            Suggestions.DidYouMean(name.Value, selectors.Keys)
                ?? $"Add 'let {name.Value} = event category.type'."
        );
        return null;
    }

    public bool IsSelector(string name) => selectors.ContainsKey(name);

    /// <summary><c>login.user</c>, or <c>user</c> where the rule has one selection only.</summary>
    public (EventSelector Selector, Field Field)? EventField(Token token)
    {
        var dot = token.Value.IndexOf('.');
        var plainly =
            dot < 0
            || token.IsQuoted
            || !IsSelector(token.Value[..dot])
                && (open || scope.Events.Find(token.Value) is not null);
        if (plainly && selectors.Count == 1 && InOrder is [var only])
        {
            used.Add(only.Name);
            return Field(token) is { } plain ? (only, plain) : null;
        }
        if (plainly)
        {
            reporter.Add(
                Codes.UnknownField,
                token.Place,
                $"{token} does not say of which event.",
                selectors.Count == 0 ? null : $"Write {selectors.Keys.First()}.{token.Value}."
            );
            return null;
        }
        var selector = Selector(Part(token, 0, dot));
        var field = Field(Part(token, dot + 1, token.Value.Length - dot - 1));
        return selector is null || field is null ? null : (selector, field);
    }

    /// <summary>A name that only hits have: rules over them can use it.</summary>
    public void Declare(string name, FieldType type) => scope.Events.Declare(name, type);

    public Field? Field(Token name) => fields.Find(name);

    public Aggregation? Aggregation(AggregationSyntax syntax)
    {
        var percent = Percentile().Match(syntax.Function.Value);
        if (!functions.TryGetValue(syntax.Function.Value, out var function) && !percent.Success)
        {
            reporter.Add(
                Codes.WrongOperator,
                syntax.Function.Place,
                $"{syntax.Function} cannot be computed.",
                Suggestions.DidYouMean(syntax.Function.Value, functions.Keys)
                    ?? $"There are {string.Join(", ", functions.Keys)}, and percentiles such as p95."
            );
            return null;
        }
        if (percent.Success)
            function = AggregateFunction.Percentile;
        if (function == AggregateFunction.Count)
            return Selector(syntax.Of) is { } counted ? new(function, counted, null) : null;
        if (EventField(syntax.Of) is not var (selector, field))
            return null;
        if (
            function == AggregateFunction.Distinct
            || field.Type is FieldType.Integer or FieldType.Number or FieldType.Untyped
        )
            return new Aggregation(
                function,
                selector,
                field,
                percent.Success ? Whole(percent.Groups[1].ValueSpan) : 0
            );
        reporter.WrongOperator(syntax.Function, field);
        return null;
    }

    public Threshold? Threshold(ThresholdSyntax syntax)
    {
        if (Aggregation(syntax.Aggregation) is not { } aggregation)
            return null;
        const NumberStyles style = NumberStyles.AllowDecimalPoint;
        var culture = CultureInfo.InvariantCulture;
        if (double.TryParse(syntax.Value.Value, style, culture, out var value))
            return new Threshold(
                reporter.Quote(syntax.Place),
                aggregation,
                Literals.ComparisonOf(syntax.Comparison),
                value
            )
            {
                Against = syntax.Against?.Value switch
                {
                    null => Baseline.None,
                    "averages" => Baseline.Averages,
                    _ => Baseline.Deviations,
                },
            };
        reporter.Add(Codes.WrongValue, syntax.Value.Place, $"{syntax.Value} is not a number.");
        return null;
    }

    public void ReportUnused(IEnumerable<LetClause> lets)
    {
        foreach (var let in lets.Where(l => !used.Contains(l.Name.Value)))
            reporter.Add(
                Codes.UnusedSelector,
                let.Name.Place,
                $"Nothing in this rule uses {let.Name}.",
                "Remove the 'let', or use it in the pattern."
            );
        foreach (var name in parts.Unused)
            reporter.Add(
                Codes.UnusedSelector,
                name.Place,
                $"No condition of this rule uses {name}.",
                "Remove the 'let', or name it in a 'where'."
            );
    }

    static int Whole(ReadOnlySpan<char> digits) =>
        int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);

    public static Token Part(Token token, int start, int length)
    {
        var value = token.Value.Substring(start, length);
        var place = token.Place with
        {
            Offset = token.Place.Offset + start,
            Column = token.Place.Column + start,
            Length = length,
        };
        return new Token(TokenKind.Word, value, value, place, false);
    }

    [GeneratedRegex(@"\Ap([1-9][0-9]?)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Percentile();

    [GeneratedRegex(@"\A[a-z][a-z0-9_]*\.(?:\*|[a-z][a-z0-9_]*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex EventTypes();
}
