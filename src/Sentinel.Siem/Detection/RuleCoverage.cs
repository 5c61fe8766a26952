using Sentinel.Policies.Model;
using Sentinel.Siem.Correlation;
using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Explain;

namespace Sentinel.Siem.Detection;

/// <summary>What the tests of a rule have tried of it.</summary>
/// <param name="Lines">Of the confidence: whether each counted in some hit.</param>
public sealed record RuleCoverage(
    string Path,
    string Rule,
    int Tests,
    IReadOnlyList<PredicateCoverage> Predicates,
    IReadOnlyList<LineCoverage> Lines
)
{
    /// <summary>One sentence for each thing that no test has tried.</summary>
    public IEnumerable<string> Gaps =>
        Predicates
            .SelectMany(p => p.Gaps)
            .Concat(
                Lines.Where(l => !l.Counted).Select(l => $"confidence: {l.Text} never counted")
            );
}

/// <param name="SeenTrue">On some event of the type that the selection names.</param>
public sealed record PredicateCoverage(string Selection, string Text, bool SeenTrue, bool SeenFalse)
{
    public IEnumerable<string> Gaps
    {
        get
        {
            if (!SeenTrue)
                yield return $"{Selection}: {Text} was never true";
            if (!SeenFalse)
                yield return $"{Selection}: {Text} was never false";
        }
    }
}

public sealed record LineCoverage(string Text, bool Counted);

/// <summary>Watches the tests of one rule.</summary>
sealed class CoverageCounter(RuleDeclaration rule)
{
    readonly SelectionAsker asker = new(rule.Pattern);
    readonly Dictionary<(string Selection, string Text), (bool True, bool False)> seen = [];
    readonly HashSet<string> reasons = new(StringComparer.Ordinal);

    public void Add(IReadOnlyList<EnrichedEvent> events, IReadOnlyList<CorrelationHit> hits)
    {
        foreach (var selection in asker.Selections)
        foreach (var enriched in events)
        foreach (var (leaf, holds) in asker.Leaves(selection, enriched))
        {
            var before = seen.GetValueOrDefault((selection.Name, leaf.Text));
            seen[(selection.Name, leaf.Text)] = (before.True || holds, before.False || !holds);
        }
        // A reason is the points and what they are for.
        foreach (var reason in hits.SelectMany(hit => hit.Reasons))
            reasons.Add(reason[(reason.IndexOf(' ') + 1)..]);
    }

    public RuleCoverage Result() =>
        new(
            rule.Text.Path,
            rule.Name,
            rule.Tests.Count,
            [
                .. asker
                    .Selections.SelectMany(s =>
                        s.Conditions.SelectMany(c => c.Tree.Leaves).Select(l => (s.Name, l.Text))
                    )
                    .Distinct()
                    .Select(p => new PredicateCoverage(
                        p.Name,
                        p.Text,
                        seen.GetValueOrDefault(p).True,
                        seen.GetValueOrDefault(p).False
                    )),
            ],
            [
                .. rule.Confidence.Lines.Select(line => new LineCoverage(
                    line.Text,
                    reasons.Contains(RulePlan.ReasonOf(line))
                )),
            ]
        );
}
