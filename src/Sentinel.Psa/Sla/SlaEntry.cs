namespace Sentinel.Psa.Sla;

enum SlaEntryKind
{
    Started,
    Changed,
    Paused,
    Resumed,
    Responded,
    Resolved,
}

/// <summary>One line of the log of a case's clocks.</summary>
/// <param name="Terms">Of <see cref="SlaEntryKind.Started"/> and <see cref="SlaEntryKind.Changed"/>.</param>
/// <param name="Cause">Of a pause: <see cref="ByPerson"/>, or what the policy names.</param>
sealed record SlaEntry(
    int Sequence,
    DateTimeOffset At,
    SlaEntryKind Kind,
    SlaTerms? Terms,
    string? Cause,
    string? Reason,
    Guid By
)
{
    public const string ByPerson = "person";
}

/// <summary>What happened to a clock, at the very moment.</summary>
/// <param name="Entry">Of the log: whose terms were in force.</param>
/// <param name="Name">warned, response_breached, resolution_breached, or a step: <c>respond 80%</c>.</param>
sealed record SlaMark(int Entry, string Name, DateTimeOffset At)
{
    public const string Warned = "warned";
    public const string ResponseBreached = "response_breached";
    public const string ResolutionBreached = "resolution_breached";
}
