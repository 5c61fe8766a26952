using System.Diagnostics;
using System.Globalization;
using Sentinel.Policies.Model;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Siem.Correlation;

/// <summary>What a rule says about its matches, resolved to selectors and slots.</summary>
sealed class RulePlan
{
    public const string Absent = "absent";

    readonly Dictionary<Aggregation, RuleAggregation> aggregations = [];

    public RulePlan(RuleMatcher matcher)
    {
        Matcher = matcher;
        var rule = matcher.Rule;
        foreach (var threshold in ThresholdsOf(rule.Pattern))
            Resolve(threshold.Of);
        foreach (var line in rule.Confidence.Lines.OfType<ConfidenceLine.WhenThreshold>())
            Resolve(line.Threshold.Of);
        foreach (var part in rule.Raise.Message.Concat(rule.Once?.Per ?? []))
            if (part is MessagePart.OfAggregation of)
                Resolve(of.Aggregation);
        Aggregations = [.. aggregations.Values.Distinct()];
        HasSlots =
        [
            .. rule
                .Confidence.Lines.OfType<ConfidenceLine.WhenAnyEventHas>()
                .Select(line => matcher.SlotOf(line.Field))
                .Distinct(),
        ];
    }

    public RuleMatcher Matcher { get; }

    public RuleDeclaration Rule => Matcher.Rule;

    public IReadOnlyList<RuleAggregation> Aggregations { get; }

    public List<int> HasSlots { get; }

    public static IEnumerable<Threshold> ThresholdsOf(Pattern pattern) =>
        pattern switch
        {
            Pattern.Aggregate aggregate => aggregate.Having.Thresholds,
            Pattern.Unusual unusual => unusual.Having.Thresholds,
            Pattern.Single or Pattern.AnyOrder or Pattern.Sequence or Pattern.Novel => [],
            _ => throw new UnreachableException(),
        };

    public double? Value(Threshold threshold, MatchView match) =>
        match.Value(aggregations[threshold.Of]);

    public bool Holds(Having having, MatchView match) => having.Holds(t => Holds(t, match));

    public bool Holds(Threshold threshold, MatchView match) =>
        Value(threshold, match) is { } value
        && Compare(value, threshold.Comparison, threshold.Value);

    public static bool Compare(double value, Comparison comparison, double other) =>
        comparison switch
        {
            Comparison.Equal => value == other,
            Comparison.NotEqual => value != other,
            Comparison.Less => value < other,
            Comparison.LessOrEqual => value <= other,
            Comparison.Greater => value > other,
            Comparison.GreaterOrEqual => value >= other,
        };

    /// <summary>The sum and each of its lines; what counts nothing is not listed.</summary>
    public (int Value, IReadOnlyList<string> Reasons) Confidence(MatchView match)
    {
        var sum = (long)Rule.Confidence.Base;
        var reasons = new List<string> { $"{sum} base" };
        foreach (var line in Rule.Confidence.Lines)
        {
            var points = Points(line, match);
            if (points == 0)
                continue;
            sum += points;
            reasons.Add($"{points} {ReasonOf(line)}");
        }
        var value = (int)Math.Clamp(sum, 0, 100);
        if (value != sum)
            reasons.Add($"{value - sum} to stay within 0 and 100");
        return (value, reasons);
    }

    public string Message(RuleKey key, MatchView match) =>
        string.Concat(Rule.Raise.Message.Select(part => Text(part, key, match)));

    public RuleKey OnceKey(OncePer once, RuleKey key, MatchView match) =>
        RuleKey.Of([.. once.Per.Select(part => Text(part, key, match))]);

    /// <summary>Names and values: the key, what the text names, and what the events agree on.</summary>
    public IReadOnlyDictionary<string, string> Fields(RuleKey key, MatchView match)
    {
        var fields = new SortedList<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < key.Parts.Count; i++)
            fields[Rule.Pattern.KeyNames[i]] = key.Parts[i];
        foreach (var part in Rule.Raise.Message.Concat(Rule.Once?.Per ?? []))
            if (part is MessagePart.OfEvent of && ValueOf(of, match) is { } value)
                fields.TryAdd(of.Field.Name, FieldValue.ToText(value));
        foreach (var (name, slot) in Matcher.NamedSlots)
            if (Agreed(slot, match) is { } agreed)
                fields.TryAdd(name, agreed);
        return fields;
    }

    string? Agreed(int slot, MatchView match) =>
        AgreedValue(slot, match) is { } value ? FieldValue.ToText(value) : null;

    object? AgreedValue(int slot, MatchView match)
    {
        object? agreed = null;
        for (var selector = 0; selector < Matcher.Selectors.Count; selector++)
        {
            if (match.Latest(selector)?[slot] is not { } value)
                continue;
            if (agreed is not null && FieldValue.ToText(agreed) != FieldValue.ToText(value))
                return null;
            agreed = value;
        }
        return agreed;
    }

    /// <summary>The exception that the match falls under, by what its hit says.</summary>
    public RuleException? ExceptionOf(CompletedMatch match)
    {
        if (Rule.Exceptions.Count == 0)
            return null;
        List<Field> reads = [.. RuleReads.OfExceptions(Rule)];
        var values = new object?[reads.Select(f => f.Ordinal).Append(-1).Max() + 1];
        foreach (var field in reads)
            values[field.Ordinal] = ValueOf(field, match.Key, match.View);
        var said = new SaidValues(values);
        var day = DateOnly.FromDateTime(match.Last.UtcDateTime);
        return Rule.Exceptions.FirstOrDefault(e =>
            !(day > e.Until) && e.Conditions.All(c => c.Holds(said))
        );
    }

    /// <summary>What the hit hands on to rules that take it; null where none does.</summary>
    public HitSource? Source(CompletedMatch match)
    {
        if (Matcher.Carried is not { } carried)
            return null;
        var values = new List<(Field, object)>();
        foreach (var field in carried)
            if (ValueOf(field, match.Key, match.View) is { } value)
                values.Add((field, value));
        var risks = new List<(RiskLine, object)>();
        foreach (var line in Rule.Risks)
            if (ValueOf(line, match.Key, match.View) is { } value)
                risks.Add((line, value));
        return new HitSource(match.End.Order, values, risks);
    }

    /// <summary>As a finding says it: of the key, of what its message names, or what its events agree on.</summary>
    object? ValueOf(Field field, RuleKey key, MatchView match)
    {
        for (var i = 0; i < key.Parts.Count; i++)
            if (Rule.Pattern.KeyNames[i] == field.Name)
                return FieldValue.Parse(key.Parts[i], field.Type);
        foreach (var part in Rule.Raise.Message.Concat(Rule.Once?.Per ?? []))
            if (part is MessagePart.OfEvent of && of.Field.Name == field.Name)
                return ValueOf(of, match);
        return AgreedValue(Matcher.SlotOf(field), match);
    }

    object? ValueOf(RiskLine line, RuleKey key, MatchView match) =>
        line.Of switch
        {
            MessagePart.Key of => FieldValue.Parse(key.Parts[of.Index], line.Entity.Type),
            MessagePart.OfEvent of when ValueOf(of, match) is { } value => FieldValue.Convert(
                value,
                line.Entity.Type
            ),
            _ => null,
        };

    /// <summary>What points are for: <c>failed beyond 10</c>.</summary>
    public static string ReasonOf(ConfidenceLine line) =>
        line switch
        {
            ConfidenceLine.Per { Beyond: > 0 } per => $"{per.Selector.Name} beyond {per.Beyond}",
            ConfidenceLine.Per per => $"per {per.Selector.Name}",
            ConfidenceLine.WhenThreshold held => $"when {held.Threshold.Text}",
            ConfidenceLine.WhenAnyEventHas has => $"when any event has {has.Field.Name}",
            _ => throw new InvalidOperationException("A confidence line of an unknown kind."),
        };

    long Points(ConfidenceLine line, MatchView match)
    {
        switch (line)
        {
            case ConfidenceLine.Per per:
                var beyond = match.Weight(Matcher.SelectorOf(per.Selector)) - per.Beyond;
                var points = Math.Max(beyond, 0) * per.Points;
                return per.AtMost is { } most
                    ? Math.Clamp(points, -Math.Abs(most), Math.Abs(most))
                    : points;
            case ConfidenceLine.WhenThreshold held:
                return Holds(held.Threshold, match) ? held.Points : 0;
            case ConfidenceLine.WhenAnyEventHas has:
                return match.AnyHas(Matcher.SlotOf(has.Field)) ? has.Points : 0;
            default:
                throw new InvalidOperationException("A confidence line of an unknown kind.");
        }
    }

    string Text(MessagePart part, RuleKey key, MatchView match) =>
        part switch
        {
            MessagePart.Literal literal => literal.Text,
            MessagePart.Key ofKey => key.Parts[ofKey.Index],
            MessagePart.OfEvent of => ValueOf(of, match) is { } value
                ? FieldValue.ToText(value)
                : Absent,
            MessagePart.OfAggregation of => match.Value(aggregations[of.Aggregation]) is { } number
                ? number.ToString("0.###", CultureInfo.InvariantCulture)
                : Absent,
            _ => throw new InvalidOperationException("A message part of an unknown kind."),
        };

    object? ValueOf(MessagePart.OfEvent part, MatchView match) =>
        match.Latest(Matcher.SelectorOf(part.Selector))?[Matcher.SlotOf(part.Field)];

    void Resolve(Aggregation aggregation) =>
        aggregations.TryAdd(
            aggregation,
            new RuleAggregation(
                aggregation.Function,
                Matcher.SelectorOf(aggregation.Of),
                aggregation.Field is { } field ? Matcher.SlotOf(field) : -1,
                aggregation.Percent
            )
        );
}

/// <summary>What a hit says, by ordinal.</summary>
sealed class SaidValues(object?[] values) : IFieldValues
{
    public object? this[int ordinal] => ordinal < values.Length ? values[ordinal] : null;

    public IEnumerable<object> Everything => values.OfType<object>();
}
