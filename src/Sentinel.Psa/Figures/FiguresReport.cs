namespace Sentinel.Psa.Figures;

/// <summary>How casework stood at one moment.</summary>
/// <param name="ByTypeAndSeverity">Each pair that has a case; the three others are sums over it.</param>
/// <param name="People">Whoever owns an open case or has an open task.</param>
/// <param name="Queues">Where open cases wait that nobody owns.</param>
public sealed record FiguresReport(
    string Organisation,
    DateTimeOffset AsOf,
    CaseFigures Total,
    IReadOnlyList<CaseFigures> ByType,
    IReadOnlyList<CaseFigures> BySeverity,
    IReadOnlyList<CaseFigures> ByTypeAndSeverity,
    IReadOnlyList<PersonLoad> People,
    IReadOnlyList<QueueLoad> Queues
);

/// <param name="CaseType">Null where it is about all of them; so is the severity.</param>
/// <param name="MttaSeconds">Mean time from opening until somebody took it, over those that were taken.</param>
/// <param name="MttrSeconds">Mean time from opening until it was resolved, over those that were.</param>
public sealed record CaseFigures(
    string? CaseType,
    int? Severity,
    int Cases,
    int Open,
    int InProgress,
    int Resolved,
    int Closed,
    double? MttaSeconds,
    double? MttrSeconds,
    int ResponseBreached,
    int ResolutionBreached,
    Ageing Ageing
)
{
    internal static CaseFigures Of(
        string? caseType,
        int? severity,
        IReadOnlyCollection<CaseFacts> cases,
        DateTimeOffset asOf
    ) =>
        new(
            caseType,
            severity,
            cases.Count,
            cases.Count(one => one.Status == "open"),
            cases.Count(one => one.Status == "in_progress"),
            cases.Count(one => one.Status == "resolved"),
            cases.Count(one => one.Status == "closed"),
            Mean(cases.Where(one => one.RespondedAt is not null), one => one.RespondedAt!.Value),
            Mean(cases.Where(one => one.ResolvedAt is not null), one => one.ResolvedAt!.Value),
            cases.Count(one => one.ResponseBreached),
            cases.Count(one => one.ResolutionBreached),
            Ageing.Of([
                .. cases.Where(one => one.ResolvedAt is null).Select(one => asOf - one.OpenedAt),
            ])
        );

    static double? Mean(IEnumerable<CaseFacts> cases, Func<CaseFacts, DateTimeOffset> end)
    {
        var seconds = cases.Select(one => (end(one) - one.OpenedAt).TotalSeconds).ToList();
        return seconds.Count == 0 ? null : seconds.Average();
    }
}

/// <summary>How long the cases that nobody has resolved have been open.</summary>
public sealed record Ageing(
    int UnderADay,
    int UnderAWeek,
    int UnderAMonth,
    int Older,
    double? OldestSeconds
)
{
    const int WeekDays = 7;
    const int MonthDays = 30;

    internal static Ageing Of(IReadOnlyCollection<TimeSpan> ages) =>
        new(
            ages.Count(age => age.TotalDays < 1),
            ages.Count(age => age.TotalDays is >= 1 and < WeekDays),
            ages.Count(age => age.TotalDays is >= WeekDays and < MonthDays),
            ages.Count(age => age.TotalDays >= MonthDays),
            ages.Count == 0 ? null : ages.Max().TotalSeconds
        );
}

public sealed record PersonLoad(
    Guid UserId,
    string Name,
    int CasesOwned,
    int TasksPending,
    int TasksRunning
);

/// <param name="Queue">Null for cases that are in no queue either.</param>
public sealed record QueueLoad(string? Queue, int CasesWaiting);
