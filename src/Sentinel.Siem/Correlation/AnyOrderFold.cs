using Sentinel.Policies.Model;

namespace Sentinel.Siem.Correlation;

/// <summary>
/// Each event is a match where every selector has enough events with 0 ≤ its time − theirs &lt; the
/// window's length, in whatever order.
/// </summary>
sealed class AnyOrderFold(RulePlan plan, Pattern.AnyOrder pattern, FoldContext context)
    : RuleFold(plan, context)
{
    readonly KeyedStates<EventWindow[]> keys = new(context.Limits.KeysMax);
    readonly int[] selectorOf = [.. pattern.Selectors.Select(plan.Matcher.SelectorOf)];

    public override void Accept(in RuleMatch match, List<CorrelationHit> hits)
    {
        var held = match.Event;
        if (Context.InOrder)
            keys.Forget(windows => Newest(windows) <= held.Time - pattern.Within);
        var windows = keys.Touch(match.Key, NewWindows, out var dropped);
        if (dropped is { State: var forgotten })
            Dropped += forgotten.Sum(w => w.Count);
        windows[match.Selector].Add(held);
        var oldest = Newest(windows) - pattern.Within;
        foreach (var window in windows)
        {
            while (window.Count > 0 && window[0].Time <= oldest)
                window.TakeFirst();
            if (window.Count <= Context.Limits.EventsPerKeyMax)
                continue;
            window.TakeFirst();
            Dropped++;
        }
        if (!match.More && Holds(windows, held))
            Complete(match.Key, windows, held, hits);
    }

    bool Holds(EventWindow[] windows, HeldEvent held)
    {
        for (var i = 0; i < selectorOf.Length; i++)
        {
            var window = windows[selectorOf[i]];
            var needed = pattern.AtLeast[i];
            var at = window.CountBefore(held.Order, inclusive: true) - 1;
            for (; at >= 0 && needed > 0 && window[at].Time > held.Time - pattern.Within; at--)
                needed -= window[at].Weight;
            if (needed > 0)
                return false;
        }
        return true;
    }

    void Complete(RuleKey key, EventWindow[] windows, HeldEvent held, List<CorrelationHit> hits)
    {
        List<HeldEvent>[] bySelector =
        [
            .. windows.Select(w =>
                w.Slice(
                    w.CountUntil(held.Time - pattern.Within),
                    w.CountBefore(held.Order, inclusive: true)
                )
            ),
        ];
        var view = new ListedMatch(bySelector);
        Raise(
            new CompletedMatch(
                key,
                view,
                bySelector.Min(events => events[0].Time),
                held.Time,
                selectorOf.Sum(view.Weight),
                held,
                most =>
                    [
                        .. selectorOf.Select(s => new MatchStep(
                            s,
                            false,
                            [.. bySelector[s].TakeLast(most)]
                        )),
                    ]
            ),
            hits
        );
    }

    static DateTimeOffset Newest(EventWindow[] windows) =>
        windows.Max(w => w.Last?.Time ?? DateTimeOffset.MinValue);

    EventWindow[] NewWindows() => [.. selectorOf.Select(_ => new EventWindow())];

    protected override void SaveState(StateWriter state) =>
        keys.Save(
            state,
            windows =>
            {
                foreach (var window in windows)
                    window.Save(state);
            }
        );

    protected override void RestoreState(StateReader state) =>
        keys.Restore(
            state,
            () =>
            {
                var windows = NewWindows();
                foreach (var window in windows)
                    window.Restore(state, Plan.Matcher.SlotsCount);
                return windows;
            }
        );
}
