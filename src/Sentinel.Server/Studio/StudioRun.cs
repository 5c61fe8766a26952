using System.Text.Json;
using Sentinel.Psa.Automation;

namespace Sentinel.Server.Studio;

/// <summary>A workflow that runs or ran for a case, in the form that Studio's viewer reads.</summary>
sealed class StudioRun(WorkflowStory story, LibraryText version)
{
    readonly IReadOnlyDictionary<string, DrawnActivity> drawn = DrawnActivities.Of(version.Json);

    WorkflowOfCase Workflow => story.Workflow;

    DateTimeOffset UpdatedAt =>
        story.Journal.Count > 0 ? story.Journal[^1].HappenedAt : Workflow.StartedAt;

    public object Instance() =>
        new
        {
            id = Workflow.InstanceId,
            definitionId = Workflow.Definition,
            definitionVersionId = Workflow.VersionId,
            version = Workflow.Version,
            name = Workflow.CaseNumber,
            status = Status(Workflow),
            subStatus = SubStatus(Workflow),
            correlationId = Workflow.CaseNumber,
            incidentCount = story.Journal.Count(step => step.Event == "faulted"),
            createdAt = Workflow.StartedAt,
            updatedAt = UpdatedAt,
            finishedAt = Workflow.EndedAt,
            workflowState = State(),
        };

    object State() =>
        new
        {
            id = Workflow.InstanceId,
            definitionId = Workflow.Definition,
            definitionVersionId = Workflow.VersionId,
            definitionVersion = Workflow.Version,
            correlationId = Workflow.CaseNumber,
            status = Status(Workflow),
            subStatus = SubStatus(Workflow),
            bookmarks = Workflow.Waits.Select(activity => new
            {
                id = activity,
                name = At(activity).Type,
                activityId = activity,
                activityNodeId = At(activity).Node,
                activityInstanceId = Execution(activity, LastRound(activity)),
                createdAt = UpdatedAt,
            }),
            incidents = story
                .Journal.Where(step => step.Event == "faulted")
                .Select(step => new
                {
                    activityId = step.ActivityId,
                    activityNodeId = At(step.ActivityId).Node,
                    activityType = At(step.ActivityId).Type,
                    message = step.Message,
                    timestamp = step.HappenedAt,
                }),
            completionCallbacks = Array.Empty<object>(),
            activityExecutionContexts = Array.Empty<object>(),
            input = new { },
            output = new { },
            properties = new { },
            createdAt = Workflow.StartedAt,
            updatedAt = UpdatedAt,
            finishedAt = Workflow.EndedAt,
        };

    public object ExecutionState() =>
        new
        {
            status = Status(Workflow),
            subStatus = SubStatus(Workflow),
            updatedAt = UpdatedAt,
        };

    public object Variables() =>
        new
        {
            items = story.Variables.Select(variable => new
            {
                id = variable.Key,
                name = variable.Key,
                value = variable.Value,
            }),
            count = story.Variables.Count,
        };

    /// <summary>Every step in order; of those nodes alone, where some are named.</summary>
    public object Journal(IReadOnlySet<string> nodes, int skip, int take)
    {
        var rows = story
            .Journal.Where(step => nodes.Count == 0 || nodes.Contains(At(step.ActivityId).Node))
            .ToList();
        return new
        {
            items = rows.Skip(skip)
                .Take(take)
                .Select(step => new
                {
                    id = $"{Workflow.InstanceId}:{step.Number}",
                    activityInstanceId = Execution(step.ActivityId, step.Round),
                    activityId = step.ActivityId,
                    activityType = At(step.ActivityId).Type,
                    activityTypeVersion = 1,
                    activityName = At(step.ActivityId).Name,
                    nodeId = At(step.ActivityId).Node,
                    timestamp = step.HappenedAt,
                    sequence = step.Number,
                    eventName = char.ToUpperInvariant(step.Event[0]) + step.Event[1..],
                    message = step.Message,
                    activityState = step.Event == "started" ? step.Detail : null,
                    payload = step.Outcomes.Count > 0 ? new { Outcomes = step.Outcomes } : null,
                }),
            totalCount = rows.Count,
        };
    }

    /// <summary>Each time that an activity ran, the first one first.</summary>
    public IReadOnlyList<object> Executions(Func<DrawnActivity, bool> isMeant, string? id = null) =>
        [
            .. story
                .Journal.GroupBy(step => (step.ActivityId, step.Round))
                .Where(rows => isMeant(At(rows.Key.ActivityId)))
                .Where(rows => id is null || Execution(rows.Key.ActivityId, rows.Key.Round) == id)
                .Select(rows => Record(rows.Key.ActivityId, rows.Key.Round, [.. rows])),
        ];

    object Record(string activity, int round, IReadOnlyList<WorkflowStep> rows)
    {
        var ended = rows.FirstOrDefault(row => row.Event is "completed" or "faulted" or "canceled");
        var waits = ended is null && Workflow.Waits.Contains(activity);
        return new
        {
            id = Execution(activity, round),
            workflowInstanceId = Workflow.InstanceId,
            activityId = activity,
            activityNodeId = At(activity).Node,
            activityType = At(activity).Type,
            activityTypeVersion = 1,
            activityName = At(activity).Name,
            activityState = Of(rows, "started"),
            outputs = Of(rows, "completed"),
            payload = ended?.Outcomes.Count > 0 ? new { ended.Outcomes } : null,
            exception = ended is { Event: "faulted", Message: { } message }
                ? new { type = "Fault", message }
                : null,
            startedAt = rows[0].HappenedAt,
            completedAt = ended?.HappenedAt,
            hasBookmarks = waits,
            status = ended?.Event switch
            {
                "completed" => "Completed",
                "faulted" => "Faulted",
                "canceled" => "Canceled",
                _ => "Running",
            },
            aggregateFaultCount = rows.Count(row => row.Event == "faulted"),
            metadata = new { },
            properties = new { },
        };
    }

    /// <summary>By activity how often it began and ended, and whether it waits: the marks on the drawing.</summary>
    public object Report(IReadOnlySet<string> nodes) =>
        new
        {
            stats = story
                .Journal.GroupBy(step => step.ActivityId)
                .Where(rows => nodes.Count == 0 || nodes.Contains(At(rows.Key).Node))
                .Select(rows => new
                {
                    activityId = rows.Key,
                    activityNodeId = At(rows.Key).Node,
                    startedCount = rows.Count(row => row.Event == "started"),
                    completedCount = rows.Count(row => row.Event == "completed"),
                    uncompletedCount = rows.Count(row => row.Event == "started")
                        - rows.Count(row => row.Event is "completed" or "faulted" or "canceled"),
                    isBlocked = Workflow.Waits.Contains(rows.Key),
                    isFaulted = rows.Any(row => row.Event == "faulted"),
                    aggregateFaultCount = rows.Count(row => row.Event == "faulted"),
                    metadata = new { },
                }),
        };

    public static object Summary(WorkflowOfCase workflow) =>
        new
        {
            id = workflow.InstanceId,
            definitionId = workflow.Definition,
            definitionVersionId = workflow.VersionId,
            version = workflow.Version,
            name = workflow.CaseNumber,
            status = Status(workflow),
            subStatus = SubStatus(workflow),
            correlationId = workflow.CaseNumber,
            incidentCount = workflow.Failure is null ? 0 : 1,
            createdAt = workflow.StartedAt,
            updatedAt = workflow.EndedAt ?? workflow.StartedAt,
            finishedAt = workflow.EndedAt,
        };

    static string Status(WorkflowOfCase workflow) =>
        workflow.EndedAt is null ? "Running" : "Finished";

    static string SubStatus(WorkflowOfCase workflow) =>
        char.ToUpperInvariant(workflow.Status[0]) + workflow.Status[1..];

    static JsonElement? Of(IReadOnlyList<WorkflowStep> rows, string happened) =>
        rows.FirstOrDefault(row => row.Event == happened)?.Detail;

    int LastRound(string activity) =>
        story.Journal.LastOrDefault(step => step.ActivityId == activity)?.Round ?? 1;

    string Execution(string activity, int round) => $"{Workflow.InstanceId}:{activity}:{round}";

    DrawnActivity At(string activity) =>
        drawn.GetValueOrDefault(activity) ?? new DrawnActivity(activity, "", null, activity);
}
