using Sentinel.Policies.Model;

namespace Sentinel.Siem.Correlation;

/// <summary>The fields whose values a rule needs after its conditions have held.</summary>
static class RuleReads
{
    public static IEnumerable<Field> Of(RuleDeclaration rule) =>
        OfThresholds(rule.Pattern)
            .Concat(rule.Confidence.Lines.SelectMany(OfLine))
            .Concat(rule.Raise.Message.SelectMany(OfPart))
            .Concat(rule.Once?.Per.SelectMany(OfPart) ?? [])
            .Concat(rule.Risks.SelectMany(r => OfPart(r.Of)))
            .Concat(OfExceptions(rule));

    public static IEnumerable<Field> OfExceptions(RuleDeclaration rule) =>
        rule.Exceptions.SelectMany(e => e.Conditions).SelectMany(c => c.Reads);

    /// <summary>What other rules ask of the rule's hits; null where none takes them.</summary>
    /// <param name="all">Those that take hits.</param>
    public static IReadOnlyList<Field>? OfHits(
        RuleDeclaration rule,
        IReadOnlyList<RuleDeclaration> all
    )
    {
        var takers = all.Where(other => other.TakesFrom(rule)).ToList();
        return takers.Count == 0
            ? null
            :
            [
                .. takers
                    .SelectMany(t =>
                        Of(t)
                            .Concat(t.Pattern.By.Values.SelectMany(key => key))
                            .Concat(
                                t.Pattern.Selectors.SelectMany(s =>
                                    s.Conditions.SelectMany(c => c.Reads)
                                )
                            )
                            .Concat(OfHits(t, all) ?? [])
                    )
                    .DistinctBy(f => f.Name),
            ];
    }

    static IEnumerable<Field> OfThresholds(Pattern pattern) =>
        RulePlan
            .ThresholdsOf(pattern)
            .SelectMany(t => OfAggregation(t.Of))
            .Concat(pattern is Pattern.Novel novel ? novel.Of : []);

    static IEnumerable<Field> OfLine(ConfidenceLine line) =>
        line switch
        {
            ConfidenceLine.WhenThreshold threshold => OfAggregation(threshold.Threshold.Of),
            ConfidenceLine.WhenAnyEventHas has => [has.Field],
            _ => [],
        };

    static IEnumerable<Field> OfPart(MessagePart part) =>
        part switch
        {
            MessagePart.OfEvent ofEvent => [ofEvent.Field],
            MessagePart.OfAggregation ofAggregation => OfAggregation(ofAggregation.Aggregation),
            _ => [],
        };

    static IEnumerable<Field> OfAggregation(Aggregation aggregation) =>
        aggregation.Field is { } field ? [field] : [];
}
