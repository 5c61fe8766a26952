using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>One escalation: when, and what case.</summary>
sealed class EscalationChecker(Reporter reporter, CheckScope scope, DeclarationSyntax declaration)
{
    static readonly string[] caseTypes = ["incident", "problem", "change", "audit"];
    static readonly string[] moments = ["opened", "warned", "breached", "resolved", "closed"];

    readonly OnceOnly once = new(reporter, declaration);

    public EscalationDeclaration? Check()
    {
        var when = once.Required<ConditionClause>(
            "which findings it is for",
            "when finding.severity >= 7"
        );
        var conditions = new ConditionBinder(
            reporter,
            scope,
            new FieldScope(reporter, scope.Findings)
        ).Bind(when?.Condition);
        var open = once.Required<OpenClause>("what case it opens", "open incident");
        if (open is not null && !caseTypes.Contains(open.CaseType.Value))
            reporter.Add(
                Codes.WrongValue,
                open.CaseType.Place,
                $"{open.CaseType} is not a type of case.",
                Suggestions.DidYouMean(open.CaseType.Value, caseTypes)
                    ?? $"The types are {string.Join(", ", caseTypes)}."
            );
        var severity = open is null ? null : Severity(open.Severity);
        if (severity is not null)
            severity = severity with { Map = SeverityMap() };
        var sla = Name("sla");
        if (sla is not null && !scope.Slas.Contains(sla.Value))
            reporter.Add(
                Codes.UnknownSla,
                sla.Place,
                $"No sla is called {sla}.",
                Suggestions.DidYouMean(sla.Value, scope.Slas)
            );
        var order = Name("order") is { } number
            ? Literals.Within(reporter, number, 0, 1_000_000, "An order")
            : 1_000;
        if (when is null || conditions is null || open is null || severity is null || order is null)
            return null;
        return new EscalationDeclaration(
            declaration.Name.Value,
            reporter.File,
            conditions,
            open.CaseType.Value,
            severity,
            sla?.Value,
            Name("queue")?.Value,
            Name("owner")?.Value,
            [.. declaration.Of<TaskClause>().Select(t => Task(t.Clause))],
            Name("workflow")?.Value,
            ToClose(),
            order.Value
        )
        {
            Notify = Notifications(),
        };
    }

    IReadOnlyList<Notification> Notifications()
    {
        var told = new List<Notification>();
        foreach (var (_, notify) in declaration.Of<NotifyClause>())
        {
            if (!moments.Contains(notify.When.Value))
                reporter.Add(
                    Codes.WrongValue,
                    notify.When.Place,
                    $"{notify.When} is not a moment of a case.",
                    Suggestions.DidYouMean(notify.When.Value, moments)
                        ?? $"The moments are {string.Join(", ", moments)}."
                );
            told.AddRange(notify.Who.Select(who => new Notification(who.Value, notify.When.Value)));
        }
        return told;
    }

    IReadOnlyList<SeverityStep> SeverityMap()
    {
        var steps = new List<SeverityStep>();
        foreach (var step in once.Optional<SeverityMapClause>()?.Steps ?? [])
        {
            var named = Literals.SeverityRange(step.First.Value);
            var lowest = named?.Lowest ?? Literals.Severity(reporter, step.First);
            var highest = step.Last is { } last
                ? Literals.SeverityRange(last.Value)?.Highest ?? Literals.Severity(reporter, last)
                : named?.Highest ?? lowest;
            if (
                Literals.Severity(reporter, step.Value) is not { } value
                || lowest is null
                || highest is null
            )
                continue;
            if (lowest > highest || steps.Any(s => s.Lowest <= highest && lowest <= s.Highest))
                reporter.Add(
                    Codes.MappedTwice,
                    step.First.Place,
                    "A severity map names each severity once, the lower one first.",
                    "Write 'severity map low = 2, 4 to 6 = 5, high = 9'."
                );
            steps.Add(new SeverityStep(lowest.Value, highest.Value, value));
        }
        return steps;
    }

    Token? Name(string keyword) => once.Optional<NameClause>(keyword)?.Value;

    SeverityExpression? Severity(IReadOnlyList<Token>? tokens)
    {
        if (tokens is null)
            return new SeverityExpression([new SeverityTerm.OfFinding()]);
        var terms = tokens.Select(Term).ToList();
        return terms.Contains(null)
            ? null
            : new SeverityExpression([.. terms.OfType<SeverityTerm>()]);
    }

    SeverityTerm? Term(Token token) =>
        token.Value switch
        {
            "finding.severity" => new SeverityTerm.OfFinding(),
            "asset.criticality" => new SeverityTerm.OfAsset(),
            _ => Literals.Severity(reporter, token) is { } constant
                ? new SeverityTerm.Constant(constant)
                : null,
        };

    TaskTemplate Task(TaskClause task)
    {
        Literals.Name(reporter, task.Type, dotted: false);
        foreach (
            var hole in new TemplateReader(reporter, task.Description, optionals: false)
                .Read()
                .OfType<TemplatePiece.Hole>()
        )
            if (scope.Findings.Find(hole.Content) is null)
                reporter.UnknownField(
                    new Token(TokenKind.Word, hole.Content, hole.Content, hole.Place, false),
                    scope.Findings
                );
        return new TaskTemplate(task.Type.Value, task.Description.Value);
    }

    ClosingRequirements ToClose()
    {
        var items = once.Optional<ClosingClause>()?.Items ?? [];
        return new ClosingRequirements(
            [
                .. items
                    .Where(i => i.AtLeast is not null)
                    .Select(i => new EvidenceRequirement(i.What.Value, i.AtLeast!.ToInt())),
            ],
            [.. items.Where(i => i.AtLeast is null).Select(i => i.What.Value)]
        );
    }
}
