using System.Text.Json;
using Sentinel.Workflows.Definitions;

namespace Sentinel.Workflows.Execution;

/// <summary>
/// What a definition and a state become when something happens: a function, without clock, database or
/// chance of its own.
/// </summary>
static class WorkflowExecutor
{
    public static InstanceState Start(
        WorkflowDefinition definition,
        Guid instanceId,
        IReadOnlyDictionary<string, JsonElement> inputs,
        string? correlationId,
        string? triggerActivityId
    ) =>
        new()
        {
            InstanceId = instanceId,
            CorrelationId = correlationId,
            TriggerActivityId = triggerActivityId,
            Inputs = new(inputs),
            Queue = [new WorkItem(definition.Root.Id, 0)],
        };

    /// <summary>Goes on until an activity with an effect has to run, or nothing is queued.</summary>
    public static ExecutorStep Advance(
        WorkflowDefinition definition,
        ActivityCatalogue activities,
        InstanceState state,
        Stimulus stimulus,
        DateTimeOffset now
    ) => new Burst(definition, activities, state.Copy(), now).Run(stimulus);
}
