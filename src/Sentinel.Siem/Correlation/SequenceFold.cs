using Sentinel.Policies.Model;

namespace Sentinel.Siem.Correlation;

/// <summary>
/// Steps in order within one window. A step is measured from the latest event at which the step before
/// still held; that choice is also the best for the window as a whole.
/// </summary>
sealed class SequenceFold : RuleFold
{
    readonly Pattern.Sequence pattern;
    readonly int[] selectorOf;
    readonly bool[] counted;
    readonly int[][] withoutOf;
    readonly bool[] between;
    readonly bool[] ending;
    readonly SequenceStep? absent;
    readonly TimeSpan remembered;
    readonly KeyedStates<SequenceState> keys;
    readonly Func<SequenceState> create;
    readonly Func<SequenceState, bool> isOver;
    DateTimeOffset overSince;
    readonly SortedSet<(DateTimeOffset Deadline, string Key)> timers = new(
        Comparer<(DateTimeOffset Deadline, string Key)>.Create(
            (a, b) =>
                a.Deadline.CompareTo(b.Deadline) is var order and not 0
                    ? order
                    : string.CompareOrdinal(a.Key, b.Key)
        )
    );
    readonly Dictionary<string, RuleKey> waiting = new(StringComparer.Ordinal);

    public SequenceFold(RulePlan plan, Pattern.Sequence pattern, FoldContext context)
        : base(plan, context)
    {
        this.pattern = pattern;
        selectorOf = [.. pattern.Steps.Select(s => plan.Matcher.SelectorOf(s.Selector))];
        counted = new bool[plan.Matcher.Selectors.Count];
        for (var i = 0; i < selectorOf.Length; i++)
            counted[selectorOf[i]] |= pattern.Steps[i] is { Absent: false, AtLeast: > 1 };
        withoutOf = [.. pattern.Steps.Select(s => SelectorsOf(plan, s.Without))];
        between = new bool[counted.Length];
        foreach (var selector in withoutOf.SelectMany(w => w))
            between[selector] = true;
        ending = new bool[counted.Length];
        foreach (var selector in SelectorsOf(plan, pattern.Until))
            ending[selector] = true;
        absent = pattern.Steps is [.., { Absent: true } last] ? last : null;
        remembered = pattern.Within + Wait;
        keys = new(context.Limits.KeysMax);
        create = () => new SequenceState(counted.Length, selectorOf.Length);
        isOver = state => state.Pending is null && state.Newest <= overSince;
    }

    // Asked at every event, so it makes no object.
    void Forget(DateTimeOffset until)
    {
        overSince = until;
        keys.Forget(isOver);
    }

    static int[] SelectorsOf(RulePlan plan, IReadOnlyList<EventSelector> selectors) =>
        [.. selectors.Select(plan.Matcher.SelectorOf)];

    TimeSpan Wait => absent is null ? TimeSpan.Zero : absent.After ?? pattern.Within;

    public override bool HasTimers => absent is not null;

    public override (DateTimeOffset Deadline, string Key)? NextTimer =>
        timers.Count == 0 ? null : timers.Min;

    public override void Accept(in RuleMatch match, List<CorrelationHit> hits)
    {
        var held = match.Event;
        if (Context.InOrder)
            Forget(held.Time - remembered);
        // What only forbids has nothing to forbid where nothing has begun.
        if (!selectorOf.Contains(match.Selector) && keys.Find(match.Key.Text) is null)
            return;
        var state = keys.Touch(match.Key, create, out var dropped);
        if (dropped is { } gone)
        {
            Dropped++;
            WaitOff(gone.Key, gone.State);
        }
        Remember(state, match.Selector, held);
        for (var step = selectorOf.Length - 1; step >= 0; step--)
            if (selectorOf[step] == match.Selector)
                AcceptStep(match.Key, state, step, held, hits);
        if (between[match.Selector])
            state.Pass(match.Selector, held);
        if (!ending[match.Selector])
            return;
        if (state.Pending is { } pending && pending.At.Order < held.Order)
            WaitOff(match.Key.Text, state);
        state.End(held);
    }

    public override void Fire(List<CorrelationHit> hits)
    {
        var timer = timers.Min;
        var key = waiting[timer.Key];
        var state = keys.Find(timer.Key)!;
        var chain = state.Pending!;
        WaitOff(timer.Key, state);
        RaiseChain(key, state, chain, timer.Deadline, hits);
    }

    void AcceptStep(
        RuleKey key,
        SequenceState state,
        int step,
        HeldEvent held,
        List<CorrelationHit> hits
    )
    {
        if (pattern.Steps[step].Absent)
        {
            if (state.Pending is { } pending && pending.At.Order < held.Order)
                WaitOff(key.Text, state);
            return;
        }
        if (Complete(state, step, held) is not { } completion)
            return;
        if (step == selectorOf.Length - 1)
        {
            RaiseChain(key, state, completion, held.Time, hits);
            return;
        }
        if (pattern.Steps[step + 1].Absent)
        {
            WaitOff(key.Text, state);
            state.Pending = completion;
            timers.Add((held.Time + Wait, key.Text));
            waiting[key.Text] = key;
            return;
        }
        Record(state, step, completion);
    }

    /// <summary>The step held by this event, or null.</summary>
    Completion? Complete(SequenceState state, int step, HeldEvent held)
    {
        var asked = pattern.Steps[step];
        if (EarliestNeeded(state, step, held) is not { } earliest)
            return null;
        if (step == 0)
            return new Completion(held, earliest.Time, null);
        if (state.LatestBefore(step - 1, earliest) is not { } previous)
            return null;
        var inTime =
            (asked.After is not { } after || held.Time - previous.At.Time < after)
            && held.Time - previous.Start < pattern.Within;
        foreach (var selector in withoutOf[step])
            inTime &= !state.CameBetween(selector, previous.At, held);
        return inTime ? new Completion(held, previous.Start, previous) : null;
    }

    /// <summary>The first of the latest events that are just enough for the step.</summary>
    HeldEvent? EarliestNeeded(SequenceState state, int step, HeldEvent held)
    {
        var needed = pattern.Steps[step].AtLeast - held.Weight;
        if (needed <= 0)
            return held;
        var window = state.Window(selectorOf[step]);
        var after = held.Time - WindowOf(step);
        for (var i = window.CountBefore(held.Order, inclusive: false) - 1; i >= 0; i--)
        {
            if (window[i].Time <= after)
                return null;
            needed -= window[i].Weight;
            if (needed <= 0)
                return window[i];
        }
        return null;
    }

    TimeSpan WindowOf(int step) =>
        pattern.Steps[step].AtLeastWithin is { } within && within < pattern.Within
            ? within
            : pattern.Within;

    void Remember(SequenceState state, int selector, HeldEvent held)
    {
        if (held.Time > state.Newest)
            state.Newest = held.Time;
        if (!counted[selector])
            return;
        var window = state.Window(selector);
        window.Add(held);
        while (window.Count > 0 && window[0].Time <= state.Newest - remembered)
            window.TakeFirst();
        if (window.Count <= Context.Limits.EventsPerKeyMax)
            return;
        window.TakeFirst();
        Dropped++;
    }

    void Record(SequenceState state, int step, Completion completion)
    {
        var completions = state.Completions(step);
        var place = completions.FindLastIndex(c => c.At.Order <= completion.At.Order) + 1;
        completions.Insert(place, completion);
        while (completions.Count > 0 && completions[0].Start <= state.Newest - pattern.Within)
            completions.RemoveAt(0);
        // Two, since the latest may be the very event that the next step is asked about.
        var most = pattern.Steps[step + 1].AtLeast > 1 ? Context.Limits.EventsPerKeyMax : 2;
        if (completions.Count <= most)
            return;
        completions.RemoveAt(0);
        if (most > 2)
            Dropped++;
    }

    void WaitOff(string key, SequenceState state)
    {
        if (state.Pending is not { } pending)
            return;
        state.Pending = null;
        timers.Remove((pending.At.Time + Wait, key));
        waiting.Remove(key);
    }

    void RaiseChain(
        RuleKey key,
        SequenceState state,
        Completion chain,
        DateTimeOffset last,
        List<CorrelationHit> hits
    )
    {
        var steps = new List<MatchStep>();
        if (absent is not null)
            steps.Add(new MatchStep(selectorOf[^1], true, []));
        var step = selectorOf.Length - (absent is null ? 1 : 2);
        for (var at = chain; at is not null; at = at.Previous, step--)
            steps.Add(new MatchStep(selectorOf[step], false, EventsOf(state, step, at, chain)));
        steps.Reverse();
        Raise(
            new CompletedMatch(
                key,
                new ListedMatch(BySelector(steps)),
                steps[0].Events[0].Time,
                last,
                steps.Sum(s => s.Events.Sum(e => (long)e.Weight)),
                chain.At,
                most => [.. steps.Select(s => Newest(s, most))]
            ),
            hits
        );
    }

    static MatchStep Newest(MatchStep step, int most) =>
        step.Events.Count <= most ? step : step with { Events = [.. step.Events.TakeLast(most)] };

    IReadOnlyList<HeldEvent>[] BySelector(List<MatchStep> steps)
    {
        var bySelector = new IReadOnlyList<HeldEvent>[counted.Length];
        Array.Fill(bySelector, []);
        foreach (var step in steps)
            bySelector[step.Selector] =
                bySelector[step.Selector].Count == 0
                    ? step.Events
                    : [.. bySelector[step.Selector], .. step.Events];
        return bySelector;
    }

    /// <summary>All events of a counting step up to its completion, as far as the windows reach.</summary>
    IReadOnlyList<HeldEvent> EventsOf(
        SequenceState state,
        int step,
        Completion completion,
        Completion end
    )
    {
        if (pattern.Steps[step].AtLeast <= 1)
            return [completion.At];
        var window = state.Window(selectorOf[step]);
        var from = window.CountUntil(completion.At.Time - WindowOf(step));
        from = Math.Max(from, window.CountUntil(end.At.Time - pattern.Within));
        if (completion.Previous is { } previous)
            from = Math.Max(from, window.CountBefore(previous.At.Order, inclusive: true));
        var to = window.CountBefore(completion.At.Order, inclusive: true);
        // On arrival out of order the window may have moved past what the chain still knows.
        return from < to ? window.Slice(from, to) : [completion.At];
    }

    protected override void SaveState(StateWriter state) =>
        keys.Save(state, sequence => sequence.Save(state));

    protected override void RestoreState(StateReader state)
    {
        keys.Restore(
            state,
            () =>
            {
                var sequence = new SequenceState(counted.Length, selectorOf.Length);
                sequence.Restore(state, Plan.Matcher.SlotsCount);
                return sequence;
            }
        );
        foreach (var (key, sequence) in keys.All)
        {
            if (sequence.Pending is not { } pending)
                continue;
            timers.Add((pending.At.Time + Wait, key));
            waiting[key] = RuleKey.Parse(key, pattern.KeyNames.Count);
        }
    }
}
