using Sentinel.Policies.Model;

namespace Sentinel.Siem.Correlation;

/// <summary>The fields whose values a rule needs after its conditions have held.</summary>
static class RuleReads
{
    public static IEnumerable<Field> Of(RuleDeclaration rule) =>
        OfThresholds(rule.Pattern)
            .Concat(rule.Confidence.Lines.SelectMany(OfLine))
            .Concat(rule.Raise.Message.SelectMany(OfPart))
            .Concat(rule.Once?.Per.SelectMany(OfPart) ?? []);

    static IEnumerable<Field> OfThresholds(Pattern pattern) =>
        pattern is Pattern.Aggregate aggregate
            ? aggregate.Having.Thresholds.SelectMany(t => OfAggregation(t.Of))
            : [];

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
