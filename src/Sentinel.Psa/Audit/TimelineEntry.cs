namespace Sentinel.Psa.Audit;

/// <summary>One row of the audit log, as people read it in a timeline.</summary>
/// <param name="Actor">The person's or machine's name; <c>system</c> where nobody was asking.</param>
/// <param name="Detail">What changed, as JSON.</param>
public sealed record TimelineEntry(
    long Position,
    DateTimeOffset At,
    string Actor,
    string ActorKind,
    string? OnBehalfOf,
    string Action,
    string EntityType,
    Guid? EntityId,
    string Detail
);
