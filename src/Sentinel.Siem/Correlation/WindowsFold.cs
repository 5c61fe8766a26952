using Sentinel.Policies.Model;

namespace Sentinel.Siem.Correlation;

/// <summary>
/// Hopping windows and sessions: each window is a match once, at the first event at which the thresholds
/// hold over its events so far.
/// </summary>
sealed class WindowsFold(RulePlan plan, Pattern.Aggregate pattern, FoldContext context)
    : RuleFold(plan, context)
{
    readonly KeyedStates<List<OpenWindow>> keys = new(context.Limits.KeysMax);

    public override void Accept(in RuleMatch match, List<CorrelationHit> hits)
    {
        var held = match.Event;
        if (Context.InOrder)
            keys.Forget(windows => windows.TrueForAll(w => IsOver(w, held.Time)));
        var open = keys.Touch(match.Key, () => [], out var dropped);
        if (dropped is { State: var forgotten })
            Dropped += forgotten.Sum(w => w.Running.Window.Count);
        var now = open.Aggregate(held.Time, (latest, w) => w.Latest > latest ? w.Latest : latest);
        open.RemoveAll(w => IsOver(w, now));
        foreach (var window in WindowsOf(open, held))
            Accept(match.Key, window, held, hits);
    }

    /// <summary>The windows that the event belongs to, earliest first, opened where it is their first.</summary>
    List<OpenWindow> WindowsOf(List<OpenWindow> open, HeldEvent held)
    {
        if (pattern.Window is Window.Session session)
            return [open.Find(w => IsPartOf(w, session, held.Time)) ?? Open(open, held.Time)];
        var hopping = (Window.Hopping)pattern.Window;
        var ticks = held.Time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;
        var last = ticks - Modulo(ticks, hopping.Every.Ticks);
        var windows = new List<OpenWindow>();
        for (var start = last; start > ticks - hopping.Within.Ticks; start -= hopping.Every.Ticks)
        {
            var from = DateTimeOffset.UnixEpoch.AddTicks(start);
            windows.Insert(0, open.Find(w => w.Start == from) ?? Open(open, from));
        }
        return windows;
    }

    void Accept(RuleKey key, OpenWindow window, HeldEvent held, List<CorrelationHit> hits)
    {
        var running = window.Running;
        var newest = running.Add(held);
        if (held.Time > window.Latest)
            window.Latest = held.Time;
        if (running.Window.Count > Context.Limits.EventsPerKeyMax)
        {
            running.ForgetFirst();
            Dropped++;
        }
        var to = running.Window.CountBefore(held.Order, inclusive: true);
        // Behind another event it is asked as it would have been in its place.
        MatchView view = newest ? running : new ListedMatch([running.Window.Slice(0, to)]);
        if (window.Raised || to == 0 || !Plan.Holds(pattern.Having, view))
            return;
        window.Raised = true;
        Raise(
            new CompletedMatch(
                key,
                view,
                running.Window[0].Time,
                held.Time,
                view.Weight(0),
                held,
                most => [new MatchStep(0, false, running.Window.Slice(0, to, most))]
            )
            {
                Window = window.Start,
            },
            hits
        );
    }

    OpenWindow Open(List<OpenWindow> open, DateTimeOffset start)
    {
        var window = new OpenWindow(start, new RunningMatch(Plan));
        open.Add(window);
        return window;
    }

    static bool IsPartOf(OpenWindow window, Window.Session session, DateTimeOffset time) =>
        time - window.Latest < session.Within
        && window.Start - time < session.Within
        && (time - window.Start).Duration() < session.AtMost;

    bool IsOver(OpenWindow window, DateTimeOffset now) =>
        pattern.Window is Window.Session session
            ? now - window.Latest >= session.Within || now - window.Start >= session.AtMost
            : now - window.Start >= pattern.Window.Within;

    static long Modulo(long value, long by) => (value % by + by) % by;

    protected override void SaveState(StateWriter state) =>
        keys.Save(
            state,
            open =>
            {
                state.Write(open.Count);
                foreach (var window in open)
                    window.Save(state);
            }
        );

    protected override void RestoreState(StateReader state) =>
        keys.Restore(
            state,
            () =>
            {
                var open = new List<OpenWindow>();
                for (var count = state.ReadInt(); count > 0; count--)
                {
                    var window = Open(open, state.ReadTime());
                    window.Restore(state, Plan.Matcher.SlotsCount);
                }
                return open;
            }
        );

    /// <param name="Start">Of a session, the event that opened it.</param>
    sealed record OpenWindow(DateTimeOffset Start, RunningMatch Running)
    {
        public DateTimeOffset Latest { get; set; } = DateTimeOffset.MinValue;

        public bool Raised { get; set; }

        public void Save(StateWriter state)
        {
            state.Write(Start);
            state.Write(Latest);
            state.Write(Raised);
            Running.Window.Save(state);
        }

        public void Restore(StateReader state, int slotsCount)
        {
            Latest = state.ReadTime();
            Raised = state.ReadBool();
            Running.Restore(state, slotsCount);
        }
    }
}
