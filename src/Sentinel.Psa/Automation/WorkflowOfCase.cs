using System.Text.Json;

namespace Sentinel.Psa.Automation;

/// <summary>A workflow that was started for a case, and where it stands.</summary>
/// <param name="Definition">Which workflow: one that another one started has its own.</param>
/// <param name="Status">executing, suspended, finished, faulted or cancelled.</param>
/// <param name="Waits">The activities that wait for somebody or something.</param>
/// <param name="Failure">The latest activity that failed and why; else why the latest try was put off; or null.</param>
public sealed record WorkflowOfCase(
    Guid InstanceId,
    Guid CaseId,
    string CaseNumber,
    string Definition,
    Guid VersionId,
    int Version,
    string Status,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    IReadOnlyList<string> Waits,
    string? Failure
)
{
    internal bool HasFailed => Status == "faulted";
}

/// <param name="Event">
/// started, completed, suspended, resumed, faulted, canceled, retried, migrated, or refused: what somebody asked
/// of it and could not be done.
/// </param>
/// <param name="Detail">Inputs where an activity started, outputs where it completed; or null.</param>
public sealed record WorkflowStep(
    int Number,
    DateTimeOffset HappenedAt,
    string ActivityId,
    string Event,
    int Round,
    IReadOnlyList<string> Outcomes,
    string? Message,
    JsonElement? Detail
);

/// <param name="Variables">By id, as they stand now.</param>
public sealed record WorkflowStory(
    WorkflowOfCase Workflow,
    IReadOnlyList<WorkflowStep> Journal,
    IReadOnlyDictionary<string, JsonElement> Variables
);
