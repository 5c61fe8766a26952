using Sentinel.Policies.Model;

namespace Sentinel.Siem.Correlation;

/// <summary>
/// A sliding window: each event is a match where every threshold holds over the events of its key with
/// 0 ≤ its time − theirs &lt; the window's length.
/// </summary>
sealed class AggregateFold(RulePlan plan, Pattern.Aggregate pattern, FoldContext context)
    : RuleFold(plan, context)
{
    readonly KeyedStates<RunningMatch> keys = new(context.Limits.KeysMax);

    public override void Accept(in RuleMatch match, List<CorrelationHit> hits)
    {
        var held = match.Event;
        if (Context.InOrder)
            keys.Forget(state => state.Window.Last!.Time <= held.Time - pattern.Window.Within);
        var running = keys.Touch(match.Key, () => new RunningMatch(Plan), out var dropped);
        if (dropped is { State.Window.Count: var forgotten })
            Dropped += forgotten;
        var newest = running.Add(held);
        running.ForgetUntil(running.Window.Last!.Time - pattern.Window.Within);
        if (running.Window.Count > Context.Limits.EventsPerKeyMax)
        {
            running.ForgetFirst();
            Dropped++;
        }
        if (running.Window.Count > 0)
            Complete(match.Key, newest ? running : null, running.Window, held, hits);
    }

    void Complete(
        RuleKey key,
        RunningMatch? running,
        EventWindow window,
        HeldEvent held,
        List<CorrelationHit> hits
    )
    {
        var from = window.CountUntil(held.Time - pattern.Window.Within);
        var to = window.CountBefore(held.Order, inclusive: true);
        // Behind another event the window is one of its own, looked at event by event.
        MatchView view = running ?? (MatchView)new ListedMatch([window.Slice(from, to)]);
        if (from == to || !Plan.Holds(pattern.Having, view))
            return;
        Raise(
            new CompletedMatch(
                key,
                view,
                window[from].Time,
                held.Time,
                view.Weight(0),
                held,
                most => [new MatchStep(0, false, window.Slice(from, to, most))]
            ),
            hits
        );
    }

    protected override void SaveState(StateWriter state) =>
        keys.Save(state, running => running.Window.Save(state));

    protected override void RestoreState(StateReader state) =>
        keys.Restore(
            state,
            () =>
            {
                var running = new RunningMatch(Plan);
                running.Restore(state, Plan.Matcher.SlotsCount);
                return running;
            }
        );
}
