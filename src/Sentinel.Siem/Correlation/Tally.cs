using Sentinel.Policies.Model;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Siem.Correlation;

/// <summary>One aggregation of a rule, by selector and slot.</summary>
sealed record RuleAggregation(AggregateFunction Function, int Selector, int Slot, int Percent = 0)
{
    /// <summary>Null where there is no value to aggregate; a comparison with it is false.</summary>
    public double? Over(IEnumerable<HeldEvent> events)
    {
        var tally = new Tally(this);
        foreach (var held in events)
            tally.Add(held);
        return tally.Value;
    }
}

/// <summary>An aggregate that follows its window as events come and go, without a look at the rest.</summary>
sealed class Tally(RuleAggregation aggregation)
{
    // Most keys are seen once and most functions need neither.
    Dictionary<string, int>? seen;
    SortedDictionary<double, long>? numbers;
    Int128 integers;
    long weights;

    public bool Of(RuleAggregation other) => aggregation == other;

    public void Add(HeldEvent held) => Change(held, held.Weight);

    public void Remove(HeldEvent held) => Change(held, -held.Weight);

    public double? Value =>
        aggregation.Function switch
        {
            AggregateFunction.Count => weights,
            AggregateFunction.Distinct => seen?.Count ?? 0,
            AggregateFunction.Sum => weights == 0 ? null : Sum,
            AggregateFunction.Average => weights == 0 ? null : Sum / weights,
            AggregateFunction.Minimum => numbers is { Count: > 0 } ? numbers.First().Key : null,
            AggregateFunction.Maximum => numbers is { Count: > 0 } ? numbers.Last().Key : null,
            AggregateFunction.Percentile => Percentile,
        };

    /// <summary>The smallest value that at least so many percent of all values do not exceed.</summary>
    double? Percentile
    {
        get
        {
            var below = 0L;
            foreach (var (value, count) in numbers ?? [])
            {
                below += count;
                if (below * 100 >= weights * aggregation.Percent)
                    return value;
            }
            return null;
        }
    }

    // Over the fractions in one order whatever came and went, since floating point remembers.
    double Sum =>
        numbers is null
            ? (double)integers
            : numbers.Aggregate((double)integers, (sum, n) => sum + n.Key * n.Value);

    void Change(HeldEvent held, int weight)
    {
        switch (aggregation.Function)
        {
            case AggregateFunction.Count:
                weights += weight;
                break;
            case AggregateFunction.Distinct:
                if (held[aggregation.Slot] is { } value)
                    Count(FieldValue.ToText(value), Math.Sign(weight));
                break;
            case AggregateFunction.Sum:
            case AggregateFunction.Average:
                Sumup(held[aggregation.Slot], weight);
                break;
            case AggregateFunction.Minimum:
            case AggregateFunction.Maximum:
            case AggregateFunction.Percentile:
                if (Number(held[aggregation.Slot]) is { } number)
                {
                    Count(number, weight);
                    weights += weight;
                }
                break;
        }
    }

    void Sumup(object? held, int weight)
    {
        var value = Numeric(held);
        if (value is long integer)
            integers += (Int128)integer * weight;
        else if (value is double number)
            Count(number, weight);
        else
            return;
        weights += weight;
    }

    void Count(string value, int change)
    {
        seen ??= new Dictionary<string, int>(StringComparer.Ordinal);
        var count = seen.GetValueOrDefault(value) + change;
        if (count == 0)
            seen.Remove(value);
        else
            seen[value] = count;
    }

    void Count(double value, long change)
    {
        numbers ??= [];
        var count = numbers.GetValueOrDefault(value) + change;
        if (count == 0)
            numbers.Remove(value);
        else
            numbers[value] = count;
    }

    /// <summary>A member of an open record may be a number that is written as text.</summary>
    static object? Numeric(object? value) =>
        value is string text
            ? FieldValue.Parse(text, FieldType.Integer) ?? FieldValue.Parse(text, FieldType.Number)
            : value;

    static double? Number(object? value) =>
        Numeric(value) switch
        {
            long integer => integer,
            double number => number,
            _ => null,
        };
}
