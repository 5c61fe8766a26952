using Sentinel.Policies.Model;

namespace Sentinel.Psa.Sla;

/// <summary>The clocks of a case: when somebody has to answer, and when it has to be resolved.</summary>
/// <param name="Name">Of the policy that set them.</param>
public sealed record CaseSla(
    string Name,
    int ResponseMinutes,
    int ResolutionMinutes,
    DateTimeOffset StartedAt,
    DateTimeOffset ResponseDueAt,
    DateTimeOffset ResolutionDueAt,
    DateTimeOffset? WarnAt,
    bool Breached,
    DateTimeOffset? BreachedAt
);

/// <summary>What a policy promises, as the case keeps it whatever the policy says later.</summary>
sealed record SlaTerms(
    string Name,
    TimeSpan Respond,
    TimeSpan Resolve,
    int? WarnAtPercent,
    string Calendar,
    string PolicySha256,
    CalendarDeclaration? Working
)
{
    public int ResponseMinutes => Minutes(Respond);

    public int ResolutionMinutes => Minutes(Resolve);

    public DateTimeOffset ResponseDueAt(DateTimeOffset start) => After(start, Respond);

    public DateTimeOffset ResolutionDueAt(DateTimeOffset start) => After(start, Resolve);

    public DateTimeOffset? WarnAt(DateTimeOffset start) =>
        WarnAtPercent is { } percent ? After(start, Resolve * (percent / 100.0)) : null;

    DateTimeOffset After(DateTimeOffset start, TimeSpan time) =>
        Working is { } calendar ? calendar.After(start, time) : start + time;

    static int Minutes(TimeSpan span) => (int)Math.Max(1, Math.Ceiling(span.TotalMinutes));
}
