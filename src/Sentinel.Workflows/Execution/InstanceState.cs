using System.Text.Json;
using System.Text.Json.Serialization;
using Sentinel.Workflows.Definitions;

namespace Sentinel.Workflows.Execution;

/// <summary>Where one instance stands: all that a restart needs, and nothing that can be computed.</summary>
sealed class InstanceState
{
    static readonly JsonSerializerOptions Options = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        Converters = { new JsonStringEnumConverter() },
    };

    public Guid InstanceId { get; set; }

    public string? CorrelationId { get; set; }

    public InstanceStatus Status { get; set; }

    public Dictionary<string, JsonElement> Inputs { get; set; } = [];

    public Dictionary<string, JsonElement> Outputs { get; set; } = [];

    /// <summary>By variable id; what a script sets without declaring it goes by its name.</summary>
    public Dictionary<string, JsonElement> Variables { get; set; } = [];

    /// <summary>What has begun and not ended, and what failed.</summary>
    public List<ActivityExecution> Executions { get; set; } = [];

    /// <summary>How often each activity has begun.</summary>
    public Dictionary<string, int> Rounds { get; set; } = [];

    /// <summary>The latest outputs of each activity, for getOutputFrom.</summary>
    public Dictionary<string, Dictionary<string, JsonElement>> ActivityOutputs { get; set; } = [];

    public List<WorkItem> Queue { get; set; } = [];

    public List<Bookmark> Bookmarks { get; set; } = [];

    public List<Incident> Incidents { get; set; } = [];

    public string? TriggerActivityId { get; set; }

    /// <summary>What the event told that started it; null where it told nothing.</summary>
    public JsonElement? TriggerPayload { get; set; }

    public int LastExecution { get; set; }

    public int LastRow { get; set; }

    public int Steps { get; set; }

    /// <summary>How many workflows above this one wait for it, or started it.</summary>
    public int Depth { get; set; }

    /// <summary>The one at the top of them; null where nothing is above.</summary>
    public Guid? RootId { get; set; }

    public bool HasEnded =>
        Status is InstanceStatus.Finished or InstanceStatus.Faulted or InstanceStatus.Cancelled;

    public string ToJson() => JsonSerializer.Serialize(this, Options);

    public static InstanceState FromJson(string json) =>
        JsonSerializer.Deserialize<InstanceState>(json, Options)!;

    public InstanceState Copy() => FromJson(ToJson());

    public ActivityExecution? Find(int execution) =>
        Executions.Find(item => item.Number == execution);

    /// <summary>The innermost loop that the execution runs in, or null.</summary>
    public ActivityExecution? LoopAround(ActivityExecution execution)
    {
        var around = Find(execution.Parent);
        while (around is { Loop: null })
            around = Find(around.Parent);
        return around;
    }
}

/// <summary>Executing until nothing is queued; then it waits, or has ended in one of three ways.</summary>
public enum InstanceStatus
{
    Executing,
    Suspended,
    Finished,
    Faulted,
    Cancelled,
}

enum ExecutionStatus
{
    Running,
    Calling,
    Waiting,
    Faulted,
}

sealed class ActivityExecution
{
    public int Number { get; set; }

    public string ActivityId { get; set; } = "";

    public int Parent { get; set; }

    public int Round { get; set; }

    public ExecutionStatus Status { get; set; }

    /// <summary>It was begun over a backward connection: not a visit of its own.</summary>
    public bool ViaBackward { get; set; }

    /// <summary>Of a flowchart: its counters. Null for everything else.</summary>
    public FlowScope? Scope { get; set; }

    /// <summary>Of a flowchart: where it began.</summary>
    public string? Start { get; set; }

    /// <summary>Of a loop: where it stands. Null for everything else.</summary>
    public LoopProgress? Loop { get; set; }
}

/// <summary>The rounds of a loop: by items, by numbers, or as long as a condition holds.</summary>
sealed class LoopProgress
{
    /// <summary>The round that runs, from 1.</summary>
    public long Turn { get; set; }

    /// <summary>Of For: how many there are.</summary>
    public long Turns
    {
        get => Items?.Count ?? field;
        set;
    }

    public long First { get; set; }

    public long Step { get; set; }

    /// <summary>Of ForEach: what it goes through.</summary>
    public List<JsonElement>? Items { get; set; }

    /// <summary>The number or item of this round; null where a condition decides.</summary>
    [JsonIgnore]
    public JsonElement? Current =>
        Turn == 0 ? null
        : Items is not null ? Items[(int)Turn - 1]
        : Step != 0 ? Values.Of(First + (Turn - 1) * Step)
        : null;
}

/// <summary>
/// Counters of one running flowchart. An activity is due when each of its forward inbound
/// connections was visited more often than the activity itself.
/// </summary>
sealed class FlowScope
{
    public Dictionary<string, int> ActivityVisits { get; set; } = [];

    public Dictionary<string, ConnectionVisits> ConnectionVisits { get; set; } = [];

    /// <summary>Dead connections out of loops that may still go round: see decision 0012.</summary>
    public List<string> Deferred { get; set; } = [];
}

sealed class ConnectionVisits
{
    public int Count { get; set; }

    public bool Followed { get; set; }
}

sealed record WorkItem(string ActivityId, int Parent, bool ViaBackward = false);

/// <summary>What an instance waits for. Burned when it is resumed.</summary>
/// <param name="Name">The type of the activity that waits.</param>
/// <param name="Key">What it waits for: an event's name, a task's id.</param>
/// <param name="DueOutcome">The outcome if nothing else happens until <paramref name="DueAt"/>.</param>
sealed record Bookmark(
    int Execution,
    string ActivityId,
    string Name,
    string Key,
    JsonElement Payload,
    DateTimeOffset? DueAt,
    string? DueOutcome
);

sealed record Incident(string ActivityId, int Execution, string Message, string? Inner);
