using Sentinel.Policies.Model;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Siem.Correlation;

/// <content>What is first, rare or unusual, by a look at everything before.</content>
sealed partial class ReferenceCorrelator
{
    IEnumerable<ReferenceMatch> Novels(
        RuleDeclaration rule,
        Pattern.Novel pattern,
        string key,
        List<ReferenceEvent> events
    )
    {
        var own = events
            .Where(e =>
                Takes(pattern, pattern.Selector, key, e) && ValuesOf(e).All(v => v is not null)
            )
            .ToList();
        foreach (var end in own)
        {
            var often = Weight(
                Before(own, end, pattern.Within)
                    .Where(e => ValuesOf(e).SequenceEqual(ValuesOf(end)))
            );
            var since = Time(end);
            foreach (var before in own.Take(own.IndexOf(end)).Reverse())
            {
                if (since - Time(before) >= pattern.Within)
                    break;
                since = Time(before);
            }
            if (often <= pattern.AtMost && Time(end) - since >= pattern.After)
                yield return Match(rule, key, Time(end), end, 0);
        }

        IEnumerable<string?> ValuesOf(ReferenceEvent one) =>
            pattern.Of.Select(f => one[f.Ordinal] is { } v ? FieldValue.ToText(v) : null);
    }

    IEnumerable<ReferenceMatch> Unusuals(
        RuleDeclaration rule,
        Pattern.Unusual pattern,
        string key,
        List<ReferenceEvent> events
    )
    {
        var own = events.Where(e => Takes(pattern, pattern.Selector, key, e)).ToList();
        var reach = pattern.Over.Ticks / pattern.Per.Ticks;
        foreach (var bucket in own.Select(BucketOf).Distinct())
        {
            var first = bucket;
            foreach (var before in own.Select(BucketOf).Where(b => b < bucket).Reverse())
            {
                if (first - before > reach)
                    break;
                first = before;
            }
            List<List<ReferenceEvent>> past = [];
            for (var b = Math.Max(first, bucket - reach); b < bucket; b++)
                past.Add([.. own.Where(e => BucketOf(e) == b)]);
            if (past.Count * pattern.Per.Ticks < pattern.After.Ticks)
                continue;
            var now = own.Where(e => BucketOf(e) == bucket).ToList();
            var found = Enumerable
                .Range(1, now.Count)
                .Select(count => now.Take(count).ToList())
                .FirstOrDefault(begun => pattern.Having.Holds(t => Against(t, begun, past)));
            if (found is not null)
                yield return Match(rule, key, Time(found[^1]), found[^1], Weight(found));
        }

        long BucketOf(ReferenceEvent one) =>
            (Time(one) - DateTimeOffset.UnixEpoch).Ticks / pattern.Per.Ticks;
    }

    bool Against(Threshold threshold, List<ReferenceEvent> now, List<List<ReferenceEvent>> past)
    {
        if (threshold.Against == Baseline.None)
            return Holds(threshold, now);
        var values = past.Select(bucket => Value(threshold.Of, bucket) ?? 0).ToList();
        var average = values.Sum() / values.Count;
        var deviation = Math.Sqrt(values.Sum(v => (v - average) * (v - average)) / values.Count);
        var limit =
            threshold.Against == Baseline.Averages
                ? threshold.Value * average
                : average + threshold.Value * deviation;
        return Compare(threshold.Comparison, (Value(threshold.Of, now) ?? 0).CompareTo(limit));
    }
}
