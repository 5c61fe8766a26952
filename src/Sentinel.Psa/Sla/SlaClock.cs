using Sentinel.Policies.Model;

namespace Sentinel.Psa.Sla;

/// <summary>
/// The clocks of one case, computed from their log. A mark is made at the first moment at which, all
/// entries of that moment applied, the clock still runs for its aim and has used so much of the terms'
/// time. So what is done at the very last moment is done in time, and what a pause, another calendar or
/// another policy changes counts from its own moment on.
/// </summary>
sealed class SlaClock
{
    readonly SortedDictionary<string, SlaEntry> pausedBy = new(StringComparer.Ordinal);
    readonly List<SlaMark> marks = [];
    SlaEntry inForce;
    TimeSpan used;
    DateTimeOffset until;

    SlaClock(SlaEntry started, DateTimeOffset now)
    {
        inForce = started;
        StartedAt = started.At;
        until = started.At;
        Now = now;
    }

    public DateTimeOffset Now { get; }

    public DateTimeOffset StartedAt { get; }

    public SlaTerms Terms => inForce.Terms!;

    /// <summary>In their order.</summary>
    public IReadOnlyList<SlaMark> Marks => marks;

    /// <summary>The pauses that hold now, by their cause.</summary>
    public IReadOnlyCollection<SlaEntry> PausedBy => pausedBy.Values;

    public Stop? Response { get; private set; }

    public Stop? Resolution { get; private set; }

    /// <summary>When something happens next, if nobody does anything; null for never.</summary>
    public DateTimeOffset? NextAt =>
        Pending().Select(aim => Reached(aim.At)).Where(at => at is not null).Min();

    /// <summary>A clock that stands, and how much it had used.</summary>
    public sealed record Stop(DateTimeOffset At, TimeSpan Used);

    /// <param name="log">From the entry that started the clocks on, in order.</param>
    /// <param name="now">Later entries are not looked at: any moment can be asked for.</param>
    public static SlaClock Read(IReadOnlyList<SlaEntry> log, DateTimeOffset now)
    {
        var clock = new SlaClock(log[0], now);
        foreach (var entry in log.TakeWhile(entry => entry.At <= now))
        {
            clock.RunTo(entry.At);
            clock.Apply(entry);
        }
        clock.RunTo(now);
        return clock;
    }

    public TimeSpan Used(SlaClockOf clock) => StopOf(clock)?.Used ?? used;

    public Stop? StopOf(SlaClockOf clock) =>
        clock switch
        {
            SlaClockOf.Respond => Response,
            SlaClockOf.Resolve => Resolution,
        };

    public DateTimeOffset? BreachedAt(SlaClockOf clock) =>
        marks.Find(mark => mark.Name == Breach(clock))?.At;

    /// <summary>When its time is used up; null while the clocks stand still, or where that is years away.</summary>
    public DateTimeOffset? DueAt(SlaClockOf clock)
    {
        var left = Terms.Target(clock) - Used(clock);
        if (left < TimeSpan.Zero)
            return BreachedAt(clock);
        return StopOf(clock) is { } stop ? Terms.After(stop.At, left)
            : PausedBy.Count > 0 && left > TimeSpan.Zero ? null
            : Terms.After(Now, left);
    }

    /// <summary>When the policy's warning point is or was; null where there is none or none to come.</summary>
    public DateTimeOffset? WarnAt =>
        marks.FindLast(mark => mark.Name == SlaMark.Warned && mark.Entry == inForce.Sequence)?.At
        ?? Pending()
            .Where(a => a.Mark == SlaMark.Warned)
            .Select(a => Reached(a.At))
            .FirstOrDefault();

    /// <summary>What the terms ask for at this mark: whom to tell, and where the case goes.</summary>
    public static IEnumerable<SlaStep> StepsOf(SlaTerms terms, string mark) =>
        terms.Steps.Where(step => StepName(step) == mark);

    void Apply(SlaEntry entry)
    {
        switch (entry.Kind)
        {
            case SlaEntryKind.Started:
            case SlaEntryKind.Changed:
                inForce = entry;
                break;
            case SlaEntryKind.Paused:
                pausedBy[entry.Cause!] = entry;
                break;
            case SlaEntryKind.Resumed:
                pausedBy.Remove(entry.Cause!);
                break;
            case SlaEntryKind.Responded:
                Response = new Stop(entry.At, used);
                break;
            case SlaEntryKind.Resolved:
                Resolution = new Stop(entry.At, used);
                Response ??= Resolution;
                break;
        }
    }

    void RunTo(DateTimeOffset moment)
    {
        if (moment <= until)
            return;
        marks.AddRange(
            Pending()
                .Select(aim => (aim.Mark, At: Reached(aim.At)))
                .Where(mark => mark.At < moment)
                .OrderBy(mark => mark.At)
                .Select(mark => new SlaMark(inForce.Sequence, mark.Mark, mark.At!.Value))
        );
        if (pausedBy.Count == 0 && Resolution is null)
            used += Terms.Between(until, moment);
        until = moment;
    }

    /// <summary>From here on, if nothing else happens; at once where more is used already.</summary>
    DateTimeOffset? Reached(TimeSpan aim) =>
        used >= aim ? until
        : pausedBy.Count > 0 ? null
        : Terms.After(until, aim - used);

    IEnumerable<(string Mark, TimeSpan At)> Pending()
    {
        if (Terms.WarnAtPercent is { } percent && IsPending(SlaClockOf.Resolve, SlaMark.Warned))
            yield return (SlaMark.Warned, Part(SlaClockOf.Resolve, percent));
        foreach (var clock in Enum.GetValues<SlaClockOf>())
            // Breached is breached once, under whatever terms.
            if (StopOf(clock) is null && BreachedAt(clock) is null)
                yield return (Breach(clock), Terms.Target(clock));
        foreach (var step in Terms.Steps.DistinctBy(StepName))
            if (IsPending(step.Of, StepName(step)))
                yield return (StepName(step), Part(step.Of, step.Percent));
    }

    bool IsPending(SlaClockOf clock, string name) =>
        StopOf(clock) is null && !marks.Exists(m => m.Entry == inForce.Sequence && m.Name == name);

    TimeSpan Part(SlaClockOf clock, int percent) =>
        TimeSpan.FromTicks(Terms.Target(clock).Ticks / 100 * percent);

    static string StepName(SlaStep step) =>
        (step.Of == SlaClockOf.Respond ? "respond " : "resolve ") + step.Percent + "%";

    static string Breach(SlaClockOf clock) =>
        clock switch
        {
            SlaClockOf.Respond => SlaMark.ResponseBreached,
            SlaClockOf.Resolve => SlaMark.ResolutionBreached,
        };
}
