namespace Sentinel.Psa.Cases;

/// <summary>What a workflow thinks of how severe the case is; it changes nothing by itself.</summary>
/// <param name="Severity">0 to 10.</param>
/// <param name="Outcome">accepted, changed or withdrawn; null while nobody has decided.</param>
public sealed record SeverityProposal(
    Guid Id,
    int Severity,
    string Reason,
    Guid ProposedBy,
    DateTimeOffset ProposedAt,
    string? Outcome
);
