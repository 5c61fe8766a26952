namespace Sentinel.Siem.Correlation;

/// <summary>A step that held, and how: by which event, after which completion of the step before.</summary>
/// <param name="Start">The earliest event that the whole chain needs.</param>
sealed record Completion(HeldEvent At, DateTimeOffset Start, Completion? Previous)
{
    public void Save(StateWriter state)
    {
        At.Save(state);
        state.Write(Start);
        state.Write(Previous is not null);
        Previous?.Save(state);
    }

    public static Completion Restore(StateReader state, int slotsCount)
    {
        var at = HeldEvent.Restore(state, slotsCount);
        var start = state.ReadTime();
        return new Completion(at, start, state.ReadBool() ? Restore(state, slotsCount) : null);
    }
}

/// <summary>
/// How far one key has come in a sequence. Most keys never come far, so each part is made when it is first
/// written to.
/// </summary>
sealed class SequenceState(int selectorsCount, int stepsCount)
{
    readonly EventWindow?[] windows = new EventWindow?[selectorsCount];
    readonly List<Completion>?[] completed = new List<Completion>?[stepsCount];
    (EventOrder? Latest, EventOrder? Before)[]? passed;

    /// <summary>The chain after which something is waited for that must not come.</summary>
    public Completion? Pending { get; set; }

    public DateTimeOffset Newest { get; set; }

    /// <summary>The selector's events that a counting step may need.</summary>
    public EventWindow Window(int selector) => windows[selector] ??= new EventWindow();

    /// <summary>The step's completions, latest last.</summary>
    public List<Completion> Completions(int step) => completed[step] ??= [];

    // The two latest of each selector, since the latest may be the very event that is asked about.
    public void Pass(int selector, HeldEvent held)
    {
        passed ??= new (EventOrder?, EventOrder?)[selectorsCount];
        ref var seen = ref passed[selector];
        if (seen.Latest is { } latest && held.Order < latest)
            seen.Before = seen.Before > held.Order ? seen.Before : held.Order;
        else
            seen = (held.Order, seen.Latest);
    }

    public bool CameBetween(int selector, HeldEvent from, HeldEvent to)
    {
        if (passed is null)
            return false;
        var (latest, before) = passed[selector];
        var last = latest < to.Order ? latest : before;
        return last > from.Order && last < to.Order;
    }

    /// <summary>What came up to this event can no longer be part of a match.</summary>
    public void End(HeldEvent held)
    {
        foreach (var window in windows)
            while (window is { Count: > 0 } && window[0].Order <= held.Order)
                window.TakeFirst();
        foreach (var completions in completed)
            completions?.RemoveAll(c => c.At.Order <= held.Order);
    }

    /// <summary>The latest completion of the step before the event.</summary>
    public Completion? LatestBefore(int step, HeldEvent held)
    {
        Completion? latest = null;
        foreach (var completion in completed[step] ?? [])
            if (
                completion.At.Order < held.Order
                && (latest is null || latest.At.Order < completion.At.Order)
            )
                latest = completion;
        return latest;
    }

    public void Save(StateWriter state)
    {
        state.Write(Newest);
        for (var selector = 0; selector < selectorsCount; selector++)
            Window(selector).Save(state);
        for (var step = 0; step < stepsCount; step++)
        {
            state.Write(Completions(step).Count);
            foreach (var completion in Completions(step))
                completion.Save(state);
        }
        state.Write(Pending is not null);
        Pending?.Save(state);
        foreach (var (latest, before) in passed ?? new (EventOrder?, EventOrder?)[selectorsCount])
        {
            Save(state, latest);
            Save(state, before);
        }
    }

    public void Restore(StateReader state, int slotsCount)
    {
        Newest = state.ReadTime();
        for (var selector = 0; selector < selectorsCount; selector++)
            Window(selector).Restore(state, slotsCount);
        for (var step = 0; step < stepsCount; step++)
        for (var count = state.ReadInt(); count > 0; count--)
            Completions(step).Add(Completion.Restore(state, slotsCount));
        if (state.ReadBool())
            Pending = Completion.Restore(state, slotsCount);
        passed = new (EventOrder?, EventOrder?)[selectorsCount];
        for (var i = 0; i < passed.Length; i++)
            passed[i] = (RestoreOrder(state), RestoreOrder(state));
    }

    static void Save(StateWriter state, EventOrder? order)
    {
        state.Write(order is not null);
        order?.Save(state);
    }

    static EventOrder? RestoreOrder(StateReader state) =>
        state.ReadBool() ? EventOrder.Restore(state) : null;
}
