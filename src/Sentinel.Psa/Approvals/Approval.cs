namespace Sentinel.Psa.Approvals;

/// <summary>A question that only a person who did not ask it may answer.</summary>
public sealed record Approval(
    Guid Id,
    Guid CaseId,
    Guid? TaskId,
    string Request,
    ApprovalState Status,
    Guid AskedBy,
    DateTimeOffset AskedAt,
    Guid? DecidedBy,
    DateTimeOffset? DecidedAt,
    string? Reason
);
