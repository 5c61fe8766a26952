using System.Globalization;
using Sentinel.Policies.Model;
using Sentinel.Siem.Correlation;
using Sentinel.Siem.Enrichment;

namespace Sentinel.Siem.Explain;

/// <summary>
/// How far events come with a rule that they do not fulfil. The engine itself is asked, with less and
/// less wanted, so that windows and order mean here what they mean there.
/// </summary>
/// <param name="events">In their order.</param>
sealed class Shortfall(
    FieldTable fields,
    RuleDeclaration rule,
    IReadOnlyList<RuleDeclaration> rules,
    IReadOnlyList<EnrichedEvent> events
)
{
    static readonly TimeSpan Ever = TimeSpan.FromDays(36_500);

    /// <summary>Sentences; none where a single event is all that the rule wants.</summary>
    public IReadOnlyList<string> Tell() =>
        rule.Pattern switch
        {
            Pattern.Aggregate aggregate => Tell(aggregate),
            Pattern.AnyOrder any => Tell(any),
            Pattern.Sequence sequence => Tell(sequence),
            _ => [],
        };

    IReadOnlyList<string> Tell(Pattern.Aggregate aggregate)
    {
        var missed = new List<string>();
        var window = $"within {Said(aggregate.Window.Within)}";
        foreach (var threshold in aggregate.Having.Thresholds.DistinctBy(t => t.Text))
        {
            if (Fires(With(threshold)))
                continue;
            var counts =
                threshold.Comparison is Comparison.Greater or Comparison.GreaterOrEqual
                && threshold.Of.Function
                    is AggregateFunction.Count
                        or AggregateFunction.Distinct
                        or AggregateFunction.Sum;
            missed.Add(
                counts
                    ? $"{threshold.Text} was not reached: at most {Most(threshold)} {window}"
                    : $"{threshold.Text} did not hold {window}"
            );
        }
        if (missed.Count == 0 && !Fires(aggregate))
            missed.Add($"each threshold held, but never as the rule joins them {window}");
        return missed;

        Pattern With(Threshold threshold) =>
            aggregate with
            {
                Having = new Having.Reaches(threshold),
            };
        long Most(Threshold threshold) =>
            Highest(
                (long)threshold.Value,
                value =>
                    With(threshold with { Comparison = Comparison.GreaterOrEqual, Value = value })
            );
    }

    IReadOnlyList<string> Tell(Pattern.AnyOrder any)
    {
        var missed = new List<string>();
        for (var i = 0; i < any.Selectors.Count; i++)
        {
            var only = any with { AtLeast = [.. any.AtLeast.Select((n, j) => j == i ? n : 0)] };
            if (Fires(only))
                continue;
            var most = Highest(
                any.AtLeast[i],
                n => only with { AtLeast = [.. only.AtLeast.Select((o, j) => j == i ? (int)n : o)] }
            );
            missed.Add(
                $"{any.Selectors[i].Name}: {most} of {any.AtLeast[i]} within {Said(any.Within)}"
            );
        }
        if (missed.Count == 0 && !Fires(any))
            missed.Add($"each was there often enough, but not all within {Said(any.Within)}");
        return missed;
    }

    IReadOnlyList<string> Tell(Pattern.Sequence sequence)
    {
        for (var count = 1; count <= sequence.Steps.Count; count++)
        {
            var begun = sequence with { Steps = [.. sequence.Steps.Take(count)] };
            if (Fires(begun))
                continue;
            var step = sequence.Steps[count - 1];
            var before = count > 1 ? sequence.Steps[count - 2].Selector.Name : null;
            return [Tell(begun, step, before)];
        }
        return [];
    }

    string Tell(Pattern.Sequence begun, SequenceStep step, string? before)
    {
        var name = step.Selector.Name;
        if (step.Absent)
            return $"no {name}: one came within {Said(step.After ?? begun.Within)} of {before}";
        if (step.AtLeast > 1)
        {
            var most = Highest(step.AtLeast, n => Last(step with { AtLeast = (int)n }));
            if (most > 0 || before is null)
                return $"{name}: {most} of {step.AtLeast} within "
                    + Said(step.AtLeastWithin ?? begun.Within);
        }
        if (before is null)
            return $"{name}: no event";
        if (Fires(Last(step with { Without = [] })))
            return $"{name}: it came after {before}, but what may not be between was between";
        if (step.After is { } after && Fires(Last(step with { After = null })))
            return $"{name}: it came after {before}, but not within {Said(after)}";
        var free = (Pattern.Sequence)Last(step with { After = null, AtLeastWithin = null });
        return Fires(free with { Within = Ever })
            ? $"{name}: it came after {before}, but not within {Said(begun.Within)} in all"
            : $"{name}: none came after {before} with the same key";

        Pattern Last(SequenceStep other) =>
            begun with
            {
                Steps = [.. begun.Steps.SkipLast(1), other],
            };
    }

    /// <summary>The highest number with which the pattern still holds; 0 if none does.</summary>
    long Highest(long wanted, Func<long, Pattern> with)
    {
        var (least, most) = (0L, wanted);
        while (least < most)
        {
            var middle = least + (most - least + 1) / 2;
            if (Fires(with(middle)))
                least = middle;
            else
                most = middle - 1;
        }
        return least;
    }

    bool Fires(Pattern pattern)
    {
        // Only whether it fires is asked: what a hit says may name steps that are left out here.
        var asked = rule with
        {
            Pattern = pattern,
            Confidence = new Confidence(0, []),
            Raise = rule.Raise with { Message = [] },
            Once = null,
            Risks = [],
        };
        var correlator = new Correlator(fields, [asked, .. rule.With(rules).Skip(1)], Guid.Empty);
        return correlator
            .Correlate(events)
            .Concat(correlator.Advance(DateTimeOffset.MaxValue))
            .Any(hit => hit.RuleId == rule.Id);
    }

    public static string Said(TimeSpan time) =>
        time.Ticks % TimeSpan.TicksPerDay == 0 ? $"{Whole(time.TotalDays)}d"
        : time.Ticks % TimeSpan.TicksPerHour == 0 ? $"{Whole(time.TotalHours)}h"
        : time.Ticks % TimeSpan.TicksPerMinute == 0 ? $"{Whole(time.TotalMinutes)}m"
        : time.Ticks % TimeSpan.TicksPerSecond == 0 ? $"{Whole(time.TotalSeconds)}s"
        : $"{Whole(time.TotalMilliseconds)}ms";

    static string Whole(double number) => number.ToString("0", CultureInfo.InvariantCulture);
}
