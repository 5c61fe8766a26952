using Sentinel.Policies.Model;

namespace Sentinel.Siem.Correlation;

/// <summary>
/// Buckets of one length by the clock, each compared with those before it, as far as the baseline
/// reaches and the key is known. A bucket is a match once.
/// </summary>
sealed class UnusualFold(RulePlan plan, Pattern.Unusual pattern, FoldContext context)
    : RuleFold(plan, context)
{
    readonly KeyedStates<Buckets> keys = new(context.Limits.KeysMax);
    readonly long reach = pattern.Over.Ticks / pattern.Per.Ticks;
    readonly long needed = (pattern.After.Ticks + pattern.Per.Ticks - 1) / pattern.Per.Ticks;
    readonly List<Threshold> baselines =
    [
        .. pattern.Having.Thresholds.Where(t => t.Against != Baseline.None),
    ];

    public override void Accept(in RuleMatch match, List<CorrelationHit> hits)
    {
        var held = match.Event;
        var bucket = BucketOf(held.Time);
        if (Context.InOrder)
            keys.Forget(b => bucket - b.Current > reach);
        var state = keys.Touch(match.Key, () => NewBuckets(bucket), out var dropped);
        if (dropped is not null)
            Dropped++;
        // A provisional look at what comes late in a bucket that is over would compare with the future.
        if (bucket < state.Current)
            return;
        if (bucket > state.Current)
            MoveTo(state, bucket);
        var newest = state.Running.Add(held);
        var window = state.Running.Window;
        if (window.Count > Context.Limits.EventsPerKeyMax)
        {
            state.Running.ForgetFirst();
            Dropped++;
        }
        if (state.Raised || bucket - Math.Max(state.First, bucket - reach) < needed)
            return;
        var to = window.CountBefore(held.Order, inclusive: true);
        MatchView view = newest ? state.Running : new ListedMatch([window.Slice(0, to)]);
        if (to == 0 || !pattern.Having.Holds(t => Holds(t, view, state)))
            return;
        state.Raised = true;
        Raise(
            new CompletedMatch(
                match.Key,
                view,
                window[0].Time,
                held.Time,
                view.Weight(0),
                held,
                most => [new MatchStep(0, false, window.Slice(0, to, most))]
            ),
            hits
        );
    }

    bool Holds(Threshold threshold, MatchView view, Buckets state)
    {
        var place = baselines.IndexOf(threshold);
        if (place < 0)
            return Plan.Holds(threshold, view);
        var from = Math.Max(state.First, state.Current - reach);
        double count = state.Current - from;
        var values = state.Past.Where(p => p.Bucket >= from).Select(p => p.Values[place]).ToList();
        var average = values.Sum() / count;
        // Buckets without an event count as nothing.
        var squares =
            values.Sum(v => (v - average) * (v - average))
            + (count - values.Count) * average * average;
        var limit =
            threshold.Against == Baseline.Averages
                ? threshold.Value * average
                : average + threshold.Value * Math.Sqrt(squares / count);
        return RulePlan.Compare(Plan.Value(threshold, view) ?? 0, threshold.Comparison, limit);
    }

    void MoveTo(Buckets state, long bucket)
    {
        if (bucket - state.Current > reach)
        {
            state.First = bucket;
            state.Past.Clear();
        }
        else
        {
            var values = baselines.Select(t => Plan.Value(t, state.Running) ?? 0);
            state.Past.Add((state.Current, [.. values]));
            state.Past.RemoveAll(p => p.Bucket < bucket - reach);
        }
        state.Current = bucket;
        state.Raised = false;
        state.Running = new RunningMatch(Plan);
    }

    long BucketOf(DateTimeOffset time)
    {
        var ticks = time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;
        return (ticks - (ticks % pattern.Per.Ticks + pattern.Per.Ticks) % pattern.Per.Ticks)
            / pattern.Per.Ticks;
    }

    Buckets NewBuckets(long bucket) =>
        new(new RunningMatch(Plan)) { First = bucket, Current = bucket };

    protected override void SaveState(StateWriter state) => keys.Save(state, b => b.Save(state));

    protected override void RestoreState(StateReader state) =>
        keys.Restore(
            state,
            () =>
            {
                var buckets = NewBuckets(0);
                buckets.Restore(state, Plan.Matcher.SlotsCount);
                return buckets;
            }
        );

    sealed class Buckets(RunningMatch running)
    {
        public long First { get; set; }

        public long Current { get; set; }

        public bool Raised { get; set; }

        public RunningMatch Running { get; set; } = running;

        /// <summary>Those before the current one that had events.</summary>
        public List<(long Bucket, double[] Values)> Past { get; } = [];

        public void Save(StateWriter state)
        {
            state.Write(First);
            state.Write(Current);
            state.Write(Raised);
            Running.Window.Save(state);
            state.Write(Past.Count);
            foreach (var (bucket, values) in Past)
            {
                state.Write(bucket);
                state.Write(values.Length);
                foreach (var value in values)
                    state.WriteValue(value);
            }
        }

        public void Restore(StateReader state, int slotsCount)
        {
            First = state.ReadLong();
            Current = state.ReadLong();
            Raised = state.ReadBool();
            Running.Restore(state, slotsCount);
            for (var count = state.ReadInt(); count > 0; count--)
            {
                var bucket = state.ReadLong();
                var values = new double[state.ReadInt()];
                for (var i = 0; i < values.Length; i++)
                    values[i] = (double)state.ReadValue()!;
                Past.Add((bucket, values));
            }
        }
    }
}
