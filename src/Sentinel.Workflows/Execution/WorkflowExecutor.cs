using System.Text.Json;
using Sentinel.Workflows.Definitions;

namespace Sentinel.Workflows.Execution;

/// <summary>
/// What a definition and a state become when something happens: a function, without clock, database or
/// chance of its own.
/// </summary>
static class WorkflowExecutor
{
    const int StateCharsMax = 4 * 1024 * 1024;

    public static InstanceState Start(
        WorkflowDefinition definition,
        Guid instanceId,
        IReadOnlyDictionary<string, JsonElement> inputs,
        string? correlationId,
        StartingEvent? trigger = null
    ) =>
        new()
        {
            InstanceId = instanceId,
            CorrelationId = correlationId,
            TriggerActivityId = trigger?.ActivityId,
            TriggerPayload = trigger?.Payload is { ValueKind: not JsonValueKind.Null } told
                ? Values.Keepable(told)
                : null,
            Inputs = inputs.ToDictionary(of => of.Key, of => Values.Keepable(of.Value)),
            Queue = [new WorkItem(definition.Root.Id, 0)],
        };

    /// <summary>Goes on until an activity with an effect has to run, or nothing is queued.</summary>
    public static ExecutorStep Advance(
        WorkflowDefinition definition,
        ActivityCatalogue activities,
        InstanceState state,
        Stimulus stimulus,
        DateTimeOffset now
    )
    {
        var json = state.ToJson();
        var burst = new Burst(definition, activities, InstanceState.FromJson(json), now);
        return json.Length <= StateCharsMax || stimulus is Stimulus.Cancelled
            ? burst.Run(stimulus)
            : burst.Fail($"It holds more than {StateCharsMax} characters: keep less in variables.");
    }
}
