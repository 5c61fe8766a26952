using Sentinel.Policies.Model;

namespace Sentinel.Siem.Correlation;

/// <summary>
/// A sliding window: each event is a match where the thresholds hold over the events of its key with
/// 0 ≤ its time − theirs &lt; the window's length. Most keys have few events: these are kept as bytes and
/// looked through; more are followed as they come and go.
/// </summary>
sealed class AggregateFold : RuleFold
{
    const int FewEventsMax = 16;

    readonly Pattern.Aggregate pattern;
    readonly KeyedStates<object> keys;
    readonly EventBytes bytes;
    readonly int[] kept;
    readonly int fewMax;
    readonly bool countsAlone;

    public AggregateFold(RulePlan plan, Pattern.Aggregate pattern, FoldContext context)
        : base(plan, context)
    {
        this.pattern = pattern;
        keys = new(context.Limits.KeysMax);
        kept =
        [
            .. plan
                .Aggregations.Select(a => a.Slot)
                .Concat(plan.HasSlots)
                .Where(s => s >= 0)
                .Distinct(),
        ];
        bytes = new EventBytes(plan.Matcher.SlotsCount, kept);
        fewMax = Math.Min(FewEventsMax, context.Limits.EventsPerKeyMax);
        countsAlone = pattern.Having.Thresholds.All(t => t.Of.Function == AggregateFunction.Count);
    }

    public override void Accept(in RuleMatch match, List<CorrelationHit> hits)
    {
        var held = match.Event;
        if (Context.InOrder)
        {
            var over = (held.Time - pattern.Window.Within).UtcTicks;
            keys.Forget(state => LatestTicks(state) <= over);
        }
        var entry = keys.Touch(match.Key, static () => Array.Empty<byte>(), out var dropped);
        if (dropped is not null)
            Dropped += EventsOf(dropped.State).Count;
        if (entry.State is byte[] few)
        {
            if (AcceptFew(entry, few, match, hits))
                return;
            var many = new RunningMatch(Plan);
            foreach (var earlier in bytes.Read(few))
                many.Add(earlier);
            entry.State = many;
        }
        AcceptMany((RunningMatch)entry.State, match, hits);
    }

    /// <summary>False where it is not for bytes: too many, a hit, or behind an event of its key.</summary>
    bool AcceptFew(
        KeyedStates<object>.Entry entry,
        byte[] few,
        in RuleMatch match,
        List<CorrelationHit> hits
    )
    {
        var held = match.Event;
        var over = (held.Time - pattern.Window.Within).UtcTicks;
        var (from, count, weight, latest) = (0, 1, (long)held.Weight, long.MinValue);
        for (var at = 0; at < few.Length; )
        {
            var (ticks, one, next) = EventBytes.Skim(few, at);
            (at, latest) = (next, ticks);
            if (ticks <= over)
                from = next;
            else
                (count, weight) = (count + 1, weight + one);
        }
        if (count > fewMax || held.Cause is not null || latest > held.Time.UtcTicks)
            return false;
        if (latest == held.Time.UtcTicks && bytes.Read(few)[^1].Order > held.Order)
            return false;
        entry.State = bytes.Append(few.AsSpan(from), held);
        if (countsAlone && !pattern.Having.Holds(t => Holds(t, weight)))
            return true;
        List<HeldEvent> events = [.. bytes.Read(few.AsSpan(from)), held];
        var view = new ListedMatch([events]);
        if (Plan.Holds(pattern.Having, view))
            Complete(match.Key, view, events[0].Time, Newest(events), held, hits);
        return true;
    }

    static bool Holds(Threshold threshold, long count) =>
        RulePlan.Compare(count, threshold.Comparison, threshold.Value);

    void AcceptMany(RunningMatch running, in RuleMatch match, List<CorrelationHit> hits)
    {
        var held = match.Event;
        var newest = running.Add(held.Keeping(kept));
        running.Completing = held;
        running.ForgetUntil(running.Window.Last!.Time - pattern.Window.Within);
        if (running.Window.Count > Context.Limits.EventsPerKeyMax)
        {
            running.ForgetFirst();
            Dropped++;
        }
        var window = running.Window;
        var from = window.CountUntil(held.Time - pattern.Window.Within);
        var to = window.CountBefore(held.Order, inclusive: true);
        if (from >= to)
            return;
        if (newest)
        {
            if (Plan.Holds(pattern.Having, running))
                Complete(
                    match.Key,
                    running,
                    window[from].Time,
                    most => window.Slice(from, to, most),
                    held,
                    hits
                );
            return;
        }
        // Behind another event the window is one of its own, looked at event by event.
        List<HeldEvent> events = [.. window.Slice(from, to - 1), held];
        var view = new ListedMatch([events]);
        if (Plan.Holds(pattern.Having, view))
            Complete(match.Key, view, events[0].Time, Newest(events), held, hits);
    }

    static Func<int, IReadOnlyList<HeldEvent>> Newest(List<HeldEvent> events) =>
        most => events.Count <= most ? events : events[(events.Count - most)..];

    void Complete(
        RuleKey key,
        MatchView view,
        DateTimeOffset first,
        Func<int, IReadOnlyList<HeldEvent>> newest,
        HeldEvent held,
        List<CorrelationHit> hits
    ) =>
        Raise(
            new CompletedMatch(
                key,
                view,
                first,
                held.Time,
                view.Weight(0),
                held,
                most => [new MatchStep(0, false, newest(most))]
            ),
            hits
        );

    static long LatestTicks(object state)
    {
        if (state is RunningMatch running)
            return running.Window.Last?.Time.UtcTicks ?? long.MinValue;
        var latest = long.MinValue;
        var few = (byte[])state;
        for (var at = 0; at < few.Length; )
            (latest, _, at) = EventBytes.Skim(few, at);
        return latest;
    }

    IReadOnlyList<HeldEvent> EventsOf(object state) =>
        state is RunningMatch { Window: var window }
            ? window.Slice(0, window.Count)
            : bytes.Read((byte[])state);

    protected override void SaveState(StateWriter state) =>
        keys.Save(
            state,
            one =>
            {
                var events = EventsOf(one);
                state.Write(events.Count);
                foreach (var held in events)
                    held.Save(state);
            }
        );

    protected override void RestoreState(StateReader state) =>
        keys.Restore(
            state,
            () =>
            {
                var events = new HeldEvent[state.ReadInt()];
                for (var i = 0; i < events.Length; i++)
                    events[i] = HeldEvent.Restore(state, Plan.Matcher.SlotsCount);
                if (events.Length <= fewMax && events.All(e => e.Cause is null))
                    return events.Aggregate(Array.Empty<byte>(), (few, e) => bytes.Append(few, e));
                var running = new RunningMatch(Plan);
                foreach (var held in events)
                    running.Add(held);
                return running;
            }
        );
}
