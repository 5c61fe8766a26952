using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>Rules so that each comes after those whose hits or risk it takes; circles are reported.</summary>
sealed class RuleOrder
{
    readonly IReadOnlyList<(Reporter Reporter, DeclarationSyntax Declaration)> rules;
    readonly Dictionary<string, DeclarationSyntax> byName = [];
    readonly ILookup<string, DeclarationSyntax> byEntity;
    readonly Dictionary<DeclarationSyntax, bool> isDone = [];
    readonly List<(Reporter Reporter, DeclarationSyntax Declaration)> ordered = [];

    public RuleOrder(
        IReadOnlyList<(Reporter Reporter, DeclarationSyntax Declaration)> rules,
        CheckScope scope
    )
    {
        this.rules = rules;
        foreach (var (_, rule) in rules)
            byName.TryAdd(rule.Name.Value, rule);
        byEntity = rules
            .SelectMany(r => EntitiesOf(r.Declaration).Select(e => (Entity: e, r.Declaration)))
            .ToLookup(pair => pair.Entity, pair => pair.Declaration);
        scope.Rules.UnionWith(byName.Keys);
        scope.RiskEntities.UnionWith(byEntity.Select(group => group.Key));
    }

    public IReadOnlyList<(Reporter Reporter, DeclarationSyntax Declaration)> InOrder()
    {
        foreach (var (reporter, rule) in rules)
            Visit(reporter, rule);
        return ordered;
    }

    /// <summary>The kind of thing that a line of a <c>risk</c> clause adds to.</summary>
    public static Token EntityOf(RiskSyntax risk)
    {
        var start = risk.Of.Value.LastIndexOf('.') + 1;
        return risk.As ?? RuleScope.Part(risk.Of, start, risk.Of.Value.Length - start);
    }

    void Visit(Reporter reporter, DeclarationSyntax rule)
    {
        if (isDone.ContainsKey(rule))
            return;
        isDone[rule] = false;
        foreach (var (at, other) in SourcesOf(rule))
        {
            if (isDone.TryGetValue(other, out var done) && !done)
                ReportCircle(reporter, rule, at, other);
            Visit(ReporterOf(other), other);
        }
        isDone[rule] = true;
        ordered.Add((reporter, rule));
    }

    IEnumerable<(Token At, DeclarationSyntax Rule)> SourcesOf(DeclarationSyntax rule)
    {
        foreach (var (_, let) in rule.Of<LetClause>())
        {
            foreach (var name in let.HitsOf)
                if (byName.TryGetValue(name.Value, out var named))
                    yield return (name, named);
            if (let.RiskOf is { } entity)
                foreach (var adding in byEntity[entity.Value])
                    yield return (entity, adding);
        }
    }

    // Nesting this deep would need a rule for each level, and a folder holds fewer than the stack does.
    Reporter ReporterOf(DeclarationSyntax rule) =>
        rules.First(r => ReferenceEquals(r.Declaration, rule)).Reporter;

    static IEnumerable<string> EntitiesOf(DeclarationSyntax rule) =>
        rule.Of<RiskClause>()
            .SelectMany(r => r.Clause.Of)
            .Select(r => EntityOf(r).Value)
            .Distinct();

    static void ReportCircle(
        Reporter reporter,
        DeclarationSyntax rule,
        Token at,
        DeclarationSyntax other
    ) =>
        reporter.Add(
            Codes.RulesInCircle,
            at.Place,
            ReferenceEquals(rule, other)
                ? $"The rule {rule.Name} takes its own hits."
                : $"The rule {rule.Name} takes what {other.Name} finds, which takes what it finds itself.",
            "A rule builds on others that do not build on it."
        );
}
