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
    readonly KeySlots keys;
    readonly EventBytes bytes;
    readonly FewEvents few;
    readonly Dictionary<int, RunningMatch> many = [];
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
        few = new FewEvents(bytes);
        fewMax = Math.Min(FewEventsMax, context.Limits.EventsPerKeyMax);
        countsAlone = pattern.Having.Thresholds.All(t => t.Of.Function == AggregateFunction.Count);
    }

    public override void Accept(in RuleMatch match, List<CorrelationHit> hits)
    {
        if (Context.InOrder)
            Forget((match.Event.Time - pattern.Window.Within).UtcTicks);
        var slot = Touch(match.Key.Text);
        if (!many.TryGetValue(slot, out var running))
        {
            if (AcceptFew(slot, match, hits))
                return;
            running = new RunningMatch(Plan);
            foreach (var earlier in bytes.Read(few.Of(slot)))
                running.Add(earlier);
            few.Forget(slot);
            many.Add(slot, running);
        }
        AcceptMany(running, match, hits);
    }

    /// <summary>The keys all of whose events are over.</summary>
    void Forget(long overTicks)
    {
        while (keys.Oldest is var slot and not KeySlots.None && LatestTicks(slot) <= overTicks)
            Remove(slot);
    }

    int Touch(string key)
    {
        var slot = keys.Find(key);
        if (slot != KeySlots.None)
        {
            keys.Touch(slot);
            return slot;
        }
        if (keys.IsFull)
        {
            Dropped += EventsOf(keys.Oldest).Count;
            Remove(keys.Oldest);
        }
        return keys.Add(key);
    }

    void Remove(int slot)
    {
        keys.Remove(slot);
        few.Forget(slot);
        many.Remove(slot);
    }

    /// <summary>False where it is not for bytes: too many, a hit, or behind an event of its key.</summary>
    bool AcceptFew(int slot, in RuleMatch match, List<CorrelationHit> hits)
    {
        var held = match.Event;
        var events = few.Of(slot);
        var over = (held.Time - pattern.Window.Within).UtcTicks;
        var (from, count, weight, latest) = (0, 1, (long)held.Weight, long.MinValue);
        for (var at = 0; at < events.Length; )
        {
            (latest, var one, at) = bytes.Skim(events, at);
            if (latest <= over)
                from = at;
            else
                (count, weight) = (count + 1, weight + one);
        }
        if (count > fewMax || held.Cause is not null || latest > held.Time.UtcTicks)
            return false;
        if (latest == held.Time.UtcTicks && bytes.Read(events)[^1].Order > held.Order)
            return false;
        if (!countsAlone || pattern.Having.Holds(t => Holds(t, weight)))
            CompleteListed([.. bytes.Read(events[from..]), held], match, hits);
        few.Add(slot, held, forgotten: from);
        return true;
    }

    void CompleteListed(List<HeldEvent> events, in RuleMatch match, List<CorrelationHit> hits)
    {
        var view = new ListedMatch([events]);
        if (Plan.Holds(pattern.Having, view))
            Complete(match.Key, view, events[0].Time, Newest(events), match.Event, hits);
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
        CompleteListed([.. window.Slice(from, to - 1), held], match, hits);
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

    long LatestTicks(int slot)
    {
        if (many.TryGetValue(slot, out var running))
            return running.Window.Last?.Time.UtcTicks ?? long.MinValue;
        var latest = long.MinValue;
        var events = few.Of(slot);
        for (var at = 0; at < events.Length; )
            (latest, _, at) = bytes.Skim(events, at);
        return latest;
    }

    IReadOnlyList<HeldEvent> EventsOf(int slot) =>
        many.TryGetValue(slot, out var running)
            ? running.Window.Slice(0, running.Window.Count)
            : bytes.Read(few.Of(slot));

    protected override void SaveState(StateWriter state)
    {
        state.Write(keys.Count);
        for (var slot = keys.Oldest; slot != KeySlots.None; slot = keys.NewerThan(slot))
        {
            var events = EventsOf(slot);
            state.Write(keys.TextOf(slot));
            state.Write(events.Count);
            foreach (var held in events)
                held.Save(state);
        }
    }

    protected override void RestoreState(StateReader state)
    {
        for (var count = state.ReadInt(); count > 0; count--)
        {
            var slot = keys.Add(state.ReadText());
            var events = new HeldEvent[state.ReadInt()];
            for (var i = 0; i < events.Length; i++)
                events[i] = HeldEvent.Restore(state, Plan.Matcher.SlotsCount);
            if (events.Length <= fewMax && events.All(e => e.Cause is null))
            {
                foreach (var held in events)
                    few.Add(slot, held);
                continue;
            }
            var running = new RunningMatch(Plan);
            foreach (var held in events)
                running.Add(held);
            many.Add(slot, running);
        }
    }
}
