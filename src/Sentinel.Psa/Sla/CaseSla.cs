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
    string PolicySha256
)
{
    public int ResponseMinutes => Minutes(Respond);

    public int ResolutionMinutes => Minutes(Resolve);

    public DateTimeOffset? WarnAt(DateTimeOffset start) =>
        WarnAtPercent is { } percent ? start + Resolve * (percent / 100.0) : null;

    static int Minutes(TimeSpan span) => (int)Math.Max(1, Math.Ceiling(span.TotalMinutes));
}
