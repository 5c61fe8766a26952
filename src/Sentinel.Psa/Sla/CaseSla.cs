using System.Globalization;
using Sentinel.Policies.Model;

namespace Sentinel.Psa.Sla;

/// <summary>The clocks of a case as they stand: computed from their log, at the moment of asking.</summary>
/// <param name="Name">Of the policy that is in force.</param>
/// <param name="ResponseDueAt">Null while the clocks stand still: nobody can know.</param>
/// <param name="ResponseLeftSeconds">Of the calendar's time; below zero for how much too much was used.</param>
/// <param name="ResponseWhy">In words, why that is so.</param>
public sealed record CaseSla(
    string Name,
    string PolicySha256,
    int ResponseMinutes,
    int ResolutionMinutes,
    string Calendar,
    DateTimeOffset StartedAt,
    DateTimeOffset? ResponseDueAt,
    DateTimeOffset? ResolutionDueAt,
    DateTimeOffset? WarnAt,
    double ResponseLeftSeconds,
    double ResolutionLeftSeconds,
    string ResponseWhy,
    string ResolutionWhy,
    bool Breached,
    DateTimeOffset? BreachedAt,
    IReadOnlyList<SlaHappening> Happenings
)
{
    internal static CaseSla Of(IReadOnlyList<SlaEntry> log, DateTimeOffset now)
    {
        var clock = SlaClock.Read(log, now);
        var breaches = new[] { SlaClockOf.Respond, SlaClockOf.Resolve }
            .Select(clock.BreachedAt)
            .Where(at => at is not null)
            .ToList();
        return new CaseSla(
            clock.Terms.Name,
            clock.Terms.PolicySha256,
            clock.Terms.ResponseMinutes,
            clock.Terms.ResolutionMinutes,
            clock.Terms.Calendar,
            clock.StartedAt,
            clock.DueAt(SlaClockOf.Respond),
            clock.DueAt(SlaClockOf.Resolve),
            clock.WarnAt,
            Left(clock, SlaClockOf.Respond).TotalSeconds,
            Left(clock, SlaClockOf.Resolve).TotalSeconds,
            Why(clock, SlaClockOf.Respond),
            Why(clock, SlaClockOf.Resolve),
            breaches.Count > 0,
            breaches.Min(),
            [
                .. log.Select(SlaHappening.Of)
                    .Concat(clock.Marks.Select(m => new SlaHappening(m.At, m.Name, null, null)))
                    .OrderBy(happening => happening.At),
            ]
        );
    }

    static TimeSpan Left(SlaClock clock, SlaClockOf which) =>
        clock.Terms.Target(which) - clock.Used(which);

    static string Why(SlaClock clock, SlaClockOf which)
    {
        var target = Text(clock.Terms.Target(which));
        var breached = clock.BreachedAt(which) is { } at ? $"ran out at {Text(at)}; " : "";
        if (clock.StopOf(which) is { } stop)
            return breached + $"stopped at {Text(stop.At)} after {Text(stop.Used)} of {target}";
        var used = $"{Text(clock.Used(which))} of {target} used";
        if (clock.PausedBy.Count > 0)
            return breached
                + $"{used}, and standing still: "
                + string.Join("; ", clock.PausedBy.Select(Pause));
        return breached
            + used
            + (
                clock.Terms.Working is { } calendar
                    ? $", counting the hours of {calendar.Name}, "
                        + (calendar.IsOpen(clock.Now) ? "which run now" : "which do not run now")
                    : ", counting all the time"
            );
    }

    static string Pause(SlaEntry pause) =>
        pause.Cause == SlaEntry.ByPerson
            ? $"a person paused it at {Text(pause.At)}: {pause.Reason}"
            : $"{pause.Cause} is open since {Text(pause.At)}, as the policy says";

    static string Text(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    static string Text(TimeSpan span)
    {
        var hours = (long)span.TotalHours;
        var rest = span.Seconds > 0 || span < TimeSpan.FromMinutes(1) ? $"{span.Seconds}s" : "";
        return (hours > 0 ? $"{hours}h" : "") + (span.Minutes > 0 ? $"{span.Minutes}m" : "") + rest;
    }
}

/// <summary>A line of the clocks' story: an entry of their log, or a mark that follows from it.</summary>
public sealed record SlaHappening(DateTimeOffset At, string What, string? Cause, string? Reason)
{
    internal static SlaHappening Of(SlaEntry entry) =>
        new(
            entry.At,
            entry.Terms is { } terms
                ? $"{entry.Kind.ToString().ToLowerInvariant()} {terms.Name}"
                : entry.Kind.ToString().ToLowerInvariant(),
            entry.Cause,
            entry.Reason
        );
}
