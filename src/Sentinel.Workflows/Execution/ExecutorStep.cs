using System.Text.Json;

namespace Sentinel.Workflows.Execution;

/// <summary>What can happen to an instance from outside.</summary>
abstract record Stimulus
{
    /// <summary>Nothing new: go on with what is queued.</summary>
    public sealed record Continue : Stimulus;

    public sealed record Answered(int Execution, ActivityAnswer Answer) : Stimulus;

    public sealed record Resumed(
        int Execution,
        string Outcome,
        IReadOnlyDictionary<string, JsonElement> Outputs
    ) : Stimulus;

    public sealed record Cancelled(string? Reason = null) : Stimulus;

    /// <summary>What failed begins again.</summary>
    public sealed record Retried(string Reason) : Stimulus;
}

/// <summary>The state after a step, what was journalled, and what the host has to do next.</summary>
/// <param name="Call">An activity with an effect: run it, commit, and answer. Null: nothing is queued.</param>
sealed record ExecutorStep(
    InstanceState State,
    IReadOnlyList<JournalRow> Rows,
    PendingCall? Call,
    IReadOnlyList<PublishedEvent> Published
);

sealed record PendingCall(
    int Execution,
    string ActivityId,
    string Type,
    int Round,
    IReadOnlyDictionary<string, JsonElement> Inputs
);

sealed record PublishedEvent(string Name, string? CorrelationId, bool Local, JsonElement Payload)
{
    /// <summary>What an activity that waited for it hands on.</summary>
    public Dictionary<string, JsonElement> Outputs =>
        Payload.ValueKind == JsonValueKind.Null ? [] : new() { ["Result"] = Payload };
}

/// <param name="ActivityId">The activity that the workflow begins at, because what it waits for happened.</param>
sealed record StartingEvent(string ActivityId, JsonElement Payload);
