using System.Diagnostics;
using System.Text.RegularExpressions;
using Sentinel.Policies.Compilation;
using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>One rule: its selections first, since everything else refers to them.</summary>
sealed partial class RuleChecker(
    Reporter reporter,
    CheckScope checkScope,
    DeclarationSyntax declaration
)
{
    readonly RuleScope scope = new(
        reporter,
        checkScope,
        declaration.Of<LetClause>().Any(let => checkScope.MayBeOpen(let.Clause.EventType.Value)),
        declaration.Of<LetClause>().All(let => let.Clause is { IsOverHits: true }),
        declaration.DamagedClauses.Contains("let")
    );
    readonly OnceOnly once = new(reporter, declaration);

    public RuleDeclaration? Check()
    {
        var lets = declaration.Of<LetClause>().Select(l => l.Clause).ToList();
        foreach (var (_, part) in declaration.Of<PartClause>())
            scope.Declare(part);
        lets.ForEach(scope.Declare);
        scope.CheckParts();
        var description = once.Optional<DescriptionClause>();
        var severity = once.Required<SeverityClause>("how severe it is", "severity 7");
        var level = severity is null ? null : Literals.Severity(reporter, severity.Value);
        var attack = once.Optional<AttackClause>()?.Techniques ?? [];
        attack.Where(t => !Technique().IsMatch(t.Value)).ToList().ForEach(ReportTechnique);
        var pattern = Pattern();
        var confidence = Confidence();
        var raises = once.Required<RaisesClause>("what it raises", "raises finding_type \"…\"");
        var onceClause = once.Optional<OnceClause>();
        var exceptions = declaration.Of<ExceptClause>().Select(e => Exception(e.Clause)).ToList();
        var tests = new RuleTestBinder(reporter, checkScope).Bind(declaration, pattern?.KeyNames);
        var metadata = new MetadataBinder(reporter, declaration).Bind();
        CheckId(metadata);
        if (pattern is null)
            return null;
        var raise = raises is null ? null : Raise(raises, pattern);
        var oncePer = onceClause is null ? null : Once(onceClause, pattern);
        var risks = once.Optional<RiskClause>() is { } risk ? Risks(risk, pattern) : [];
        if (!declaration.Damaged)
            scope.ReportUnused(lets);
        if (level is null || confidence is null || raise is null)
            return null;
        var rule = new RuleDeclaration(
            declaration.Name.Value,
            RuleId.Of(reporter.File, declaration.Name.Value),
            reporter.File,
            description?.Text.Value ?? "",
            level.Value,
            [.. attack.Select(t => t.Value)],
            pattern,
            confidence,
            raise,
            oncePer
        )
        {
            Logic = "{}",
            Tests = tests,
            Risks = risks,
            Metadata = metadata,
            Exceptions = [.. exceptions.OfType<RuleException>()],
        };
        return rule with { Logic = RuleLogic.Write(rule) };
    }

    void CheckId(RuleMetadata metadata)
    {
        if (metadata.Id is not { } id || checkScope.RuleIds.Add(id))
            return;
        reporter.Add(
            Codes.RepeatedName,
            once.Optional<AboutClause>("id")!.Said[0].Place,
            "There is another rule with this id.",
            "Give one of them another id."
        );
    }

    Pattern? Pattern()
    {
        var found = declaration
            .Clauses.Where(c =>
                c.Clause
                    is EachClause
                        or AggregateClause
                        or AllOfClause
                        or SequenceClause
                        or NovelClause
                        or UnusualClause
            )
            .ToList();
        foreach (var second in found.Skip(1))
            reporter.Add(
                Codes.RepeatedClause,
                second.At.Place,
                "A rule has one pattern: each, aggregate, all of, sequence, first, rare or unusual.",
                "Write another rule for the other."
            );
        if (found.Count == 0)
        {
            if (!declaration.Damaged)
                reporter.MissingClause(
                    declaration.Name,
                    $"The rule {declaration.Name} does not say what it looks for.",
                    "Add 'each SELECTION', 'aggregate SELECTION …', 'all of …' or 'sequence …'."
                );
            return null;
        }
        var patterns = new PatternBinder(reporter, scope);
        return found[0].Clause switch
        {
            EachClause each => patterns.Bind(each),
            AggregateClause aggregate => patterns.Bind(aggregate),
            AllOfClause all => patterns.Bind(all),
            NovelClause novel => new NoveltyBinder(reporter, scope).Bind(novel),
            UnusualClause unusual => new NoveltyBinder(reporter, scope).Bind(unusual),
            SequenceClause sequence => patterns.Bind(sequence),
            _ => throw new UnreachableException(),
        };
    }

    Confidence? Confidence()
    {
        if (
            once.Required<ConfidenceClause>("how sure it is", "confidence 60") is not { } clause
            || Literals.Within(reporter, clause.Base, 0, 100, "A confidence") is not { } start
        )
            return null;
        var lines = clause.Lines.Select(Line).ToList();
        return lines.Contains(null)
            ? null
            : new Confidence(start, [.. lines.OfType<ConfidenceLine>()]);
    }

    ConfidenceLine? Line(ConfidenceLineSyntax syntax)
    {
        var text = reporter.Quote(syntax.Place);
        if (Literals.Within(reporter, syntax.Points, 0, 100, "A summand") is not { } size)
            return null;
        var points = syntax.Minus ? -size : size;
        switch (syntax)
        {
            case ConfidenceLineSyntax.Per per:
                return scope.Selector(per.Selector) is { } selector
                    ? new ConfidenceLine.Per(
                        text,
                        points,
                        selector,
                        per.Beyond?.ToInt() ?? 0,
                        per.AtMost?.ToInt()
                    )
                    : null;
            case ConfidenceLineSyntax.Reaching reaches:
                return scope.Threshold(reaches.Threshold) is { } threshold
                    ? new ConfidenceLine.WhenThreshold(text, points, threshold)
                    : null;
            case ConfidenceLineSyntax.WhenAnyHas any:
                return scope.Field(any.Field) is { } field
                    ? new ConfidenceLine.WhenAnyEventHas(text, points, field)
                    : null;
            default:
                throw new UnreachableException();
        }
    }

    Raise? Raise(RaisesClause clause, Pattern pattern) =>
        Literals.Name(reporter, clause.FindingType, dotted: false)
            ? new Raise(
                clause.FindingType.Value,
                new MessageBinder(reporter, scope, pattern).Bind(clause.Message)
            )
            : null;

    OncePer? Once(OnceClause clause, Pattern pattern)
    {
        var binder = new MessageBinder(reporter, scope, pattern);
        var per = clause.Per.Select(binder.Reference).ToList();
        return Literals.Window(reporter, clause.In) is { } window && !per.Contains(null)
            ? new OncePer([.. per.OfType<MessagePart>()], window)
            : null;
    }

    RuleException? Exception(ExceptClause clause) =>
        scope.Conditions(clause.Where) is { } conditions
            ? new RuleException(
                conditions,
                clause.Until is { } until ? Literals.Date(reporter, until, Codes.WrongValue) : null,
                clause.Because.Value
            )
            : null;

    IReadOnlyList<RiskLine> Risks(RiskClause clause, Pattern pattern)
    {
        var binder = new MessageBinder(reporter, scope, pattern);
        var lines = new List<RiskLine>();
        foreach (var risk in clause.Of)
        {
            var points = Literals.Within(reporter, risk.Points, 1, Limits.RiskPointsMax, "A risk");
            var of = binder.Reference(risk.Of);
            var entity = scope.Field(RuleOrder.EntityOf(risk));
            if (points is not null && of is not null && entity is not null)
                lines.Add(new RiskLine(points.Value, of, entity));
        }
        return lines;
    }

    void ReportTechnique(Token technique) =>
        reporter.Add(
            Codes.WrongTechnique,
            technique.Place,
            $"{technique} is not an ATT&CK technique.",
            "Write T1110 or T1110.001; tactics are not techniques."
        );

    [GeneratedRegex(@"\AT[0-9]{4}(?:\.[0-9]{3})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Technique();
}
