namespace Sentinel.Psa.Tasks;

/// <summary>One piece of work in a case.</summary>
/// <param name="Result">What came of it, in a word or a sentence; workflows decide on it.</param>
public sealed record CaseTask(
    Guid Id,
    Guid CaseId,
    string TaskType,
    string Description,
    CaseTaskState Status,
    Guid? AssignedTo,
    string? Result,
    string? CancelReason,
    DateTimeOffset CreatedAt,
    Guid? StartedBy,
    DateTimeOffset? StartedAt,
    Guid? CompletedBy,
    DateTimeOffset? CompletedAt
);

/// <summary>A step that somebody took, recorded while the task was running.</summary>
public sealed record TaskAction(
    Guid Id,
    Guid TaskId,
    string ActionType,
    string Description,
    Guid PerformedBy,
    DateTimeOffset PerformedAt
);
