using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;
using Sentinel.Workflows.Journal;

namespace Sentinel.Workflows;

/// <param name="Answered">How many activities waited for it, and go on.</param>
/// <param name="Started">The workflows that begin with it.</param>
public sealed record RaisedEvent(int Answered, IReadOnlyList<StartedWorkflow> Started);

/// <param name="Workflow">The id of its definition.</param>
public sealed record StartedWorkflow(Guid InstanceId, string Workflow);

/// <summary>Everything that starts an instance: whoever calls, another workflow by name, and events.</summary>
sealed class WorkflowStarts(DefinitionCache definitions, TimeProvider clock, ILogger log)
{
    const int WorkflowsAboveMax = 8;
    const int WorkflowsBelowMax = 1_000;

    /// <summary>Writes the instance in the caller's transaction; a worker advances it after the commit.</summary>
    /// <param name="above">The instance that starts it; null where none does.</param>
    public async Task<Guid> StartAsync(
        PresentedTransaction work,
        StoredDefinition version,
        IReadOnlyDictionary<string, JsonElement> inputs,
        string? correlationId,
        StartingEvent? trigger,
        InstanceState? above,
        CancellationToken cancellation
    )
    {
        var now = clock.GetUtcNow();
        var definition = definitions.Load(version);
        var state = WorkflowExecutor.Start(
            definition,
            Guid.CreateVersion7(now),
            inputs,
            correlationId,
            trigger
        );
        if (above is not null)
        {
            state.Depth = above.Depth + 1;
            state.RootId = above.RootId ?? above.InstanceId;
        }
        await InstanceStore.InsertAsync(work, version, state, now, cancellation);
        log.Started(definition.Id, state.InstanceId, correlationId);
        return state.InstanceId;
    }

    /// <summary>Why that instance may not start another one, or null.</summary>
    public static async Task<string?> WhyNotAsync(
        PresentedTransaction work,
        InstanceState above,
        CancellationToken cancellation
    )
    {
        if (above.Depth >= WorkflowsAboveMax)
            return $"{WorkflowsAboveMax} workflows are above it already: do they start each other?";
        var root = above.RootId ?? above.InstanceId;
        var below = await InstanceStore.CountBelowAsync(
            work,
            root,
            WorkflowsBelowMax,
            cancellation
        );
        return below >= WorkflowsBelowMax
            ? $"{WorkflowsBelowMax} workflows were started by the one at the top and by those: is it a loop?"
            : null;
    }

    /// <summary>Where published workflows are drawn to begin with that event.</summary>
    public async Task<IReadOnlyList<EventStart>> DrawnForAsync(
        PresentedTransaction work,
        string eventName,
        CancellationToken cancellation
    )
    {
        List<EventStart> all = [];
        foreach (var id in await DefinitionStore.AllPublishedAsync(work, cancellation))
        {
            if (await ReadableAsync(work, id, cancellation) is not { } definition)
                continue;
            foreach (var activity in definition.StartedBy(eventName))
                all.Add(
                    new EventStart(
                        (await DefinitionStore.FindAsync(work, id, cancellation))!,
                        definition.Id,
                        activity
                    )
                );
        }
        return all;
    }

    /// <summary>Null, and logged, where it cannot be read any more: events are not to fail for what nobody asked to start.</summary>
    async Task<WorkflowDefinition?> ReadableAsync(
        PresentedTransaction work,
        Guid versionId,
        CancellationToken cancellation
    )
    {
        try
        {
            return await definitions.FindAsync(work, versionId, cancellation);
        }
        catch (OperationFailedException unreadable)
        {
            log.Unreadable(unreadable, versionId);
            return null;
        }
    }

    /// <summary>
    /// Starts what begins with an event that an instance has published, with its inputs and under the same
    /// instance at the top. Returns what could not be started, each with why.
    /// </summary>
    public async Task<IReadOnlyList<string>> StartByAsync(
        PresentedTransaction work,
        PublishedEvent happened,
        InstanceState above,
        CancellationToken cancellation
    )
    {
        List<string> refused = [];
        foreach (var start in await DrawnForAsync(work, happened.Name, cancellation))
            if (await WhyNotAsync(work, above, cancellation) is { } why)
                refused.Add($"The event '{happened.Name}' did not start {start.Workflow}: {why}");
            else
                await StartAsync(
                    work,
                    start.Version,
                    above.Inputs,
                    happened.CorrelationId ?? above.CorrelationId,
                    new StartingEvent(start.ActivityId, happened.Payload),
                    above,
                    cancellation
                );
        return refused;
    }

    /// <summary>Those of the instances that wait for it go on, and what begins with it starts, below none.</summary>
    public async Task<RaisedEvent> RaiseAsync(
        PresentedTransaction work,
        PublishedEvent happened,
        IReadOnlyList<Guid> waiting,
        IReadOnlyDictionary<string, JsonElement> inputs,
        CancellationToken cancellation
    )
    {
        var answered = 0;
        foreach (var instanceId in waiting)
            answered += await BookmarkStore.ResumeAsync(
                work,
                BuiltInActivities.Event,
                happened.Name,
                null,
                instanceId,
                "Done",
                happened.Outputs,
                clock.GetUtcNow(),
                cancellation
            );
        List<StartedWorkflow> started = [];
        foreach (var start in await DrawnForAsync(work, happened.Name, cancellation))
            started.Add(
                new StartedWorkflow(
                    await StartAsync(
                        work,
                        start.Version,
                        inputs,
                        happened.CorrelationId,
                        new StartingEvent(start.ActivityId, happened.Payload),
                        above: null,
                        cancellation
                    ),
                    start.Workflow
                )
            );
        return new RaisedEvent(answered, started);
    }
}

/// <param name="Workflow">The id of the definition.</param>
sealed record EventStart(StoredDefinition Version, string Workflow, string ActivityId);
