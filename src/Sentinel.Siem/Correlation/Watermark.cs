using Sentinel.Siem.Enrichment;

namespace Sentinel.Siem.Correlation;

/// <summary>
/// Up to where nothing more will come: the lowest, over the inputs that are heard from, of the latest
/// event's time less the lateness that its sources are allowed.
/// </summary>
/// <param name="horizon">Beyond this after the latest event nothing can become certain any more.</param>
sealed class Watermark(TimeSpan horizon)
{
    const int DaysAheadMax = 1;

    readonly SortedDictionary<string, InputClock> inputs = new(StringComparer.Ordinal);
    DateTimeOffset latest = DateTimeOffset.MinValue;
    DateTimeOffset newest = DateTimeOffset.MinValue;
    TimeSpan lateness;

    public DateTimeOffset? Time { get; private set; }

    /// <summary>Hears the event; false where it is late: behind the watermark, or from a clock far ahead.</summary>
    public bool Hear(EnrichedEvent enriched)
    {
        var (time, raw) = (enriched.Event.EventTime, enriched.Event.Raw);
        if (time < Time || time > raw.ReceivedAt.AddDays(DaysAheadMax))
            return false;
        if (time > newest)
            newest = time;
        // A clock ahead of ours moves nothing on: what comes after it in honest time is not late.
        if (raw.Live && time > raw.ReceivedAt)
            time = raw.ReceivedAt;
        var allowed = enriched.Event.Source.Lateness;
        if (allowed > lateness)
            lateness = allowed;
        if (!inputs.TryGetValue(raw.InputKey, out var clock))
            clock = new InputClock(time, allowed, raw.ReceivedAt);
        inputs[raw.InputKey] = new InputClock(
            clock.Latest > time ? clock.Latest : time,
            clock.Lateness > allowed ? clock.Lateness : allowed,
            clock.ReceivedAt > raw.ReceivedAt ? clock.ReceivedAt : raw.ReceivedAt
        );
        if (time > latest)
            latest = time;
        Move();
        return true;
    }

    /// <summary>By the clock: who delivered nothing for its lateness holds nothing up.</summary>
    public void Advance(DateTimeOffset now)
    {
        if (latest == DateTimeOffset.MinValue)
            return;
        Forget(clock => now - clock.ReceivedAt >= clock.Lateness);
        if (inputs.Count > 0)
            Move();
        else
            MoveTo(Min(now - lateness, newest + horizon));
    }

    /// <summary>The end of input is the end of time.</summary>
    public void Finish() => Time = DateTimeOffset.MaxValue;

    void Move()
    {
        Forget(clock => clock.Latest + clock.Lateness < latest);
        var lowest = DateTimeOffset.MaxValue;
        foreach (var clock in inputs.Values)
            lowest = Min(lowest, clock.Latest - clock.Lateness);
        if (inputs.Count > 0)
            MoveTo(lowest);
    }

    void MoveTo(DateTimeOffset time)
    {
        if (Time is null || time > Time)
            Time = time;
    }

    void Forget(Func<InputClock, bool> isSilent)
    {
        List<string>? silent = null;
        foreach (var (key, clock) in inputs)
            if (isSilent(clock))
                (silent ??= []).Add(key);
        foreach (var key in silent ?? [])
            inputs.Remove(key);
    }

    static DateTimeOffset Min(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    public void Save(StateWriter state)
    {
        state.Write(latest);
        state.Write(newest);
        state.Write(lateness.Ticks);
        state.Write(Time ?? DateTimeOffset.MinValue);
        state.Write(inputs.Count);
        foreach (var (key, clock) in inputs)
        {
            state.Write(key);
            state.Write(clock.Latest);
            state.Write(clock.Lateness.Ticks);
            state.Write(clock.ReceivedAt);
        }
    }

    public void Restore(StateReader state)
    {
        latest = state.ReadTime();
        newest = state.ReadTime();
        lateness = TimeSpan.FromTicks(state.ReadLong());
        var time = state.ReadTime();
        Time = time == DateTimeOffset.MinValue ? null : time;
        for (var count = state.ReadInt(); count > 0; count--)
            inputs[state.ReadText()] = new InputClock(
                state.ReadTime(),
                TimeSpan.FromTicks(state.ReadLong()),
                state.ReadTime()
            );
    }

    readonly record struct InputClock(
        DateTimeOffset Latest,
        TimeSpan Lateness,
        DateTimeOffset ReceivedAt
    );
}
