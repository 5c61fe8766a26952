using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>What is new, rare or unusual for a key.</summary>
sealed class NoveltyBinder(Reporter reporter, RuleScope scope)
{
    readonly KeyBinder keys = new(reporter, scope);

    public Pattern? Bind(NovelClause novel)
    {
        var values = novel.Values.Select(scope.EventField).ToList();
        var within = Literals.Window(reporter, novel.Within);
        var after = novel.After is { } a ? Literals.Window(reporter, a) : TimeSpan.Zero;
        var atMost = novel.AtMost is { } n
            ? Literals.Within(reporter, n, 1, Limits.RareTimesMax, "A number of times")
            : 1;
        if (novel.Values.Count > Limits.KeyFieldsMax)
            reporter.Add(
                Codes.TooMany,
                novel.Values[Limits.KeyFieldsMax].Place,
                $"At most {Limits.KeyFieldsMax} fields are new together."
            );
        if (values.Contains(null) || within is null || after is null || atMost is null)
            return null;
        var selector = values[0]!.Value.Selector;
        foreach (var (value, token) in values.Zip(novel.Values))
            if (value!.Value.Selector != selector)
                reporter.Add(
                    Codes.UnknownSelector,
                    token.Place,
                    $"What is new here is of '{selector.Name}' alone."
                );
        return keys.Bind(novel.By, [selector]) is var (names, by)
            ? new Pattern.Novel(
                selector,
                names,
                by,
                [.. values.Select(v => v!.Value.Field)],
                atMost.Value,
                within.Value,
                after.Value
            )
            : null;
    }

    public Pattern? Bind(UnusualClause unusual)
    {
        var selector = scope.Selector(unusual.Selector);
        var per = Literals.Window(reporter, unusual.Per);
        var over = Literals.Window(reporter, unusual.Over);
        var after = unusual.After is { } a ? Literals.Window(reporter, a) : over;
        var having = new PatternBinder(reporter, scope).Bind(unusual.Having, selector);
        if (per is { } bucket && over is { } whole)
            CheckBuckets(unusual, bucket, whole, after);
        if (having is not null)
            CheckBaselines(unusual.Selector, having);
        if (selector is null || per is null || over is null || after is null || having is null)
            return null;
        return keys.Bind(unusual.By, [selector]) is var (names, by)
            ? new Pattern.Unusual(selector, names, by, per.Value, over.Value, after.Value, having)
            : null;
    }

    void CheckBuckets(UnusualClause unusual, TimeSpan per, TimeSpan over, TimeSpan? after)
    {
        if (over.Ticks % per.Ticks != 0 || over / per > Limits.BaselineBucketsMax)
            reporter.Add(
                Codes.WrongBaseline,
                unusual.Over.Place,
                $"A baseline is a whole number of times {unusual.Per.Value}, "
                    + $"at most {Limits.BaselineBucketsMax}."
            );
        if (after > over)
            reporter.Add(
                Codes.WrongBaseline,
                unusual.After!.Place,
                "A baseline cannot be known for longer than it reaches back."
            );
    }

    void CheckBaselines(Token at, Having having)
    {
        var against = having.Thresholds.Where(t => t.Against != Baseline.None).ToList();
        if (against.Count == 0)
            reporter.Add(
                Codes.WrongBaseline,
                at.Place,
                "Nothing here is compared with a baseline.",
                "Write '> average + 3 deviations' or '> 5 averages'."
            );
        foreach (var threshold in against.Where(t => !HasBaseline(t.Of.Function)))
            reporter.Add(
                Codes.WrongBaseline,
                at.Place,
                $"'{threshold.Text}' has no baseline: count, distinct and sum have one."
            );
    }

    static bool HasBaseline(AggregateFunction function) =>
        function is AggregateFunction.Count or AggregateFunction.Distinct or AggregateFunction.Sum;
}
