namespace Sentinel.Psa.Evidence;

/// <summary>What happened in a time stays where it is, whatever a retention says.</summary>
/// <param name="HeldUntil">The first moment that is not held any more; null for all that comes.</param>
/// <param name="LiftedBy">Another person than the one who placed it; null while it holds.</param>
public sealed record PlacedHold(
    Guid Id,
    DateTimeOffset HeldFrom,
    DateTimeOffset? HeldUntil,
    string Reason,
    Guid PlacedBy,
    DateTimeOffset PlacedAt,
    Guid? LiftedBy = null,
    DateTimeOffset? LiftedAt = null,
    string? LiftReason = null
);
