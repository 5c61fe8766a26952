using System.Text.Json;
using Sentinel.Policies.Model;

namespace Sentinel.Psa.Sla;

/// <summary>
/// What a policy promises, with its calendar: a case keeps it whatever the policy says later, and
/// computes its clocks from it and from nothing else.
/// </summary>
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
    /// <summary>Of the text that declares the calendar, which may be another file.</summary>
    public string? CalendarSha256 { get; init; }

    public IReadOnlyList<SlaPause> Pauses { get; init; } = [];

    public IReadOnlyList<SlaStep> Steps { get; init; } = [];

    public int ResponseMinutes => Minutes(Respond);

    public int ResolutionMinutes => Minutes(Resolve);

    public static SlaTerms Of(SlaDeclaration sla) =>
        new(
            sla.Name,
            sla.Respond,
            sla.Resolve,
            sla.WarnAtPercent,
            sla.Calendar,
            sla.Text.Sha256,
            sla.Working
        )
        {
            CalendarSha256 = sla.Working?.Text.Sha256,
            Pauses = sla.Pauses,
            Steps = sla.Steps,
        };

    /// <summary>The moment at which so much of the clocks' time has passed; null for not in years.</summary>
    public DateTimeOffset? After(DateTimeOffset start, TimeSpan time) =>
        Working is { } calendar ? calendar.After(start, time) : start + time;

    /// <summary>How much of the clocks' time lies between the two.</summary>
    public TimeSpan Between(DateTimeOffset from, DateTimeOffset until) =>
        Working is { } calendar ? calendar.Between(from, until) : until - from;

    public TimeSpan Target(SlaClockOf clock) =>
        clock switch
        {
            SlaClockOf.Respond => Respond,
            SlaClockOf.Resolve => Resolve,
        };

    public string Write() =>
        JsonSerializer.Serialize(
            new Stored(
                Name,
                PolicySha256,
                (long)Respond.TotalMilliseconds,
                (long)Resolve.TotalMilliseconds,
                WarnAtPercent,
                Calendar,
                Working is { } working
                    ? new StoredCalendar(
                        CalendarSha256,
                        working.Zone.Id,
                        working.Hours,
                        working.Holidays
                    )
                    : null,
                [.. Pauses.Select(pause => pause.Cause)],
                Steps
            ),
            shape
        );

    /// <summary>As written; the calendar without the text that declared it, only its hash.</summary>
    public static SlaTerms Read(string json)
    {
        var stored = JsonSerializer.Deserialize<Stored>(json, shape)!;
        return new SlaTerms(
            stored.Name,
            TimeSpan.FromMilliseconds(stored.RespondMs),
            TimeSpan.FromMilliseconds(stored.ResolveMs),
            stored.WarnAtPercent,
            stored.Calendar,
            stored.PolicySha256,
            stored.Working is { } working
                ? new CalendarDeclaration(
                    stored.Calendar,
                    new PolicyText(stored.Calendar, ""),
                    TimeZoneInfo.FindSystemTimeZoneById(working.Zone),
                    working.Hours,
                    working.Holidays
                )
                : null
        )
        {
            CalendarSha256 = stored.Working?.PolicySha256,
            Pauses =
            [
                .. stored.Pauses.Select(cause => new SlaPause(
                    cause.StartsWith("task ", StringComparison.Ordinal) ? cause[5..] : null
                )),
            ],
            Steps = stored.Steps,
        };
    }

    static readonly JsonSerializerOptions shape = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter() },
    };

    static int Minutes(TimeSpan span) => (int)Math.Max(1, Math.Ceiling(span.TotalMinutes));

    sealed record Stored(
        string Name,
        string PolicySha256,
        long RespondMs,
        long ResolveMs,
        int? WarnAtPercent,
        string Calendar,
        StoredCalendar? Working,
        IReadOnlyList<string> Pauses,
        IReadOnlyList<SlaStep> Steps
    );

    sealed record StoredCalendar(
        string? PolicySha256,
        string Zone,
        IReadOnlyList<WorkingHours> Hours,
        IReadOnlyList<Holiday> Holidays
    );
}
