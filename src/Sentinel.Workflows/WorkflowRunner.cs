using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;
using Sentinel.Workflows.Journal;

namespace Sentinel.Workflows;

/// <summary>Every answer to the wish to start a workflow.</summary>
public abstract record StartOutcome
{
    public sealed record Begun(Guid InstanceId, int Version) : StartOutcome;

    public sealed record NotPublished(string DefinitionId) : StartOutcome;
}

/// <param name="Timers">How many fired.</param>
/// <param name="Instances">How many were advanced, or tried.</param>
public sealed record RunOutcome(int Timers, int Instances)
{
    public bool NothingToDo => Timers == 0 && Instances == 0;
}

/// <summary>
/// Runs workflows so that a killed process loses nothing and doubles nothing: an instance is written in
/// the transaction of whoever starts it, and every effect commits together with the checkpoint after it.
/// </summary>
/// <param name="machine">What the workflow machine of an organisation presents.</param>
public sealed class WorkflowRunner(
    SentinelDatabase database,
    ActivityCatalogue activities,
    Func<Guid, Secret> machine,
    TimeProvider clock,
    ILogger<WorkflowRunner> log
)
{
    /// <summary>Where a test may kill the process; nothing may be lost or doubled at any of them.</summary>
    public static IReadOnlyList<string> Stations { get; } =
    [TimersStation, ClaimedStation, EffectStation, CheckpointStation, CommittedStation];

    const string TimersStation = "workflow.timers_fired";
    const string ClaimedStation = "workflow.claimed";
    const string EffectStation = "workflow.effect_done";
    const string CheckpointStation = "workflow.checkpoint_written";
    const string CommittedStation = "workflow.committed";

    const int AttemptsMax = 8;
    const int BackoffSecondsMax = 900;
    const int TimersMax = 1_000;
    const int AdvancedAtOnce = 8;
    const int WorkflowsAboveMax = 8;
    const int CorrelationCharsMax = 200;
    const string NoLongerAwaited = "The workflow that waited for it no longer does.";
    static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(5);

    static readonly Dictionary<string, JsonElement> NoInputs = [];

    readonly LeaseStore leases = new(database.Jobs);
    readonly ConcurrentDictionary<Guid, WorkflowDefinition> definitions = new();
    readonly string owner = WorkerName.Own;
    bool isAwake;

    /// <summary>Writes the instance in the caller's transaction; a worker advances it after the commit.</summary>
    public async Task<StartOutcome> StartAsync(
        PresentedTransaction work,
        string definitionId,
        IReadOnlyDictionary<string, JsonElement> inputs,
        string? correlationId,
        CancellationToken cancellation
    )
    {
        if (
            await DefinitionStore.FindPublishedAsync(work, definitionId, cancellation)
            is not { } stored
        )
            return new StartOutcome.NotPublished(definitionId);
        var now = clock.GetUtcNow();
        var instanceId = Guid.CreateVersion7(now);
        var state = WorkflowExecutor.Start(
            Load(stored),
            instanceId,
            inputs,
            correlationId,
            triggerActivityId: null
        );
        await InstanceStore.InsertAsync(work, stored, state, now, cancellation);
        log.Started(definitionId, instanceId, correlationId);
        return new StartOutcome.Begun(instanceId, stored.Version);
    }

    /// <summary>
    /// Answers whatever waits under that activity type and key, in the caller's transaction. Returns how
    /// many did: a second answer finds nobody, and that is not an error.
    /// </summary>
    public static Task<int> ResumeAsync(
        PresentedTransaction work,
        string activityType,
        string key,
        string outcome,
        IReadOnlyDictionary<string, JsonElement> outputs,
        DateTimeOffset now,
        CancellationToken cancellation
    ) =>
        BookmarkStore.ResumeAsync(
            work,
            activityType,
            key,
            null,
            null,
            outcome,
            outputs,
            now,
            cancellation
        );

    /// <summary>One round of a worker: fires timers, claims what is ready, and advances it.</summary>
    public async Task<RunOutcome> RunDueAsync(int instancesMax, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        if (!isAwake)
            await leases.ReleaseAsync(WorkerName.IsDead, now, cancellation);
        isAwake = true;
        var timers = await leases.FireTimersAsync(
            now,
            TimersMax,
            () => CrashPoint.Reach(TimersStation),
            cancellation
        );
        var claimed = await leases.ClaimAsync(
            owner,
            now,
            LeaseDuration,
            instancesMax,
            cancellation
        );
        if (claimed.Count > 0)
            CrashPoint.Reach(ClaimedStation);
        // Each is a transaction of its own; side by side they share the waiting for the disk.
        await Parallel.ForEachAsync(
            claimed,
            new ParallelOptions
            {
                MaxDegreeOfParallelism = AdvancedAtOnce,
                CancellationToken = cancellation,
            },
            async (lease, token) => await AdvanceOrPostponeAsync(lease, token)
        );
        return new RunOutcome(timers, claimed.Count);
    }

    async Task AdvanceOrPostponeAsync(Lease lease, CancellationToken cancellation)
    {
        string? refusal = null;
        try
        {
            while (true)
                try
                {
                    if (!await AdvanceAsync(lease, refusal, cancellation))
                        return;
                    refusal = null;
                }
                catch (ActivityRefusedException refused)
                {
                    refusal = refused.Message;
                }
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // One instance that fails must not stop the others; it is tried again, and the row says why.
            var seconds = Math.Min(BackoffSecondsMax, Math.Pow(2, lease.Attempts));
            var until = clock.GetUtcNow() + TimeSpan.FromSeconds(seconds);
            log.Postponed(failure, lease.InstanceId, lease.Attempts + 1, until);
            // Of an organisation that is suspended everything is kept, and nothing is given up.
            var isAttempt = failure is not CredentialRefusedException;
            await leases.PostponeAsync(lease, until, failure.Message, isAttempt, cancellation);
        }
    }

    /// <summary>One transaction: at most one effect, and the checkpoint after it. True: there is more.</summary>
    async Task<bool> AdvanceAsync(Lease lease, string? refusal, CancellationToken cancellation)
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Psa,
            machine(lease.OrganisationId),
            cancellation
        );
        if (await InstanceStore.ReadAsync(work, lease, cancellation) is not { } stored)
        {
            log.LeaseLost(lease.InstanceId);
            return false;
        }
        using var story = log.BeginScope("{CorrelationId}", stored.State.CorrelationId);
        var definition = await DefinitionAsync(work, stored.VersionId, cancellation);
        var checkpoint = new Checkpoint(work, lease, stored, clock.GetUtcNow());
        var advance = checkpoint.Take(definition, activities);
        if (advance.Call is { } call)
        {
            var answer = refusal is null
                ? await AnswerAsync(work, lease, advance.State, call, cancellation)
                : new ActivityAnswer.Failed(refusal);
            CrashPoint.Reach(EffectStation);
            checkpoint.Note(call, answer);
            advance = checkpoint.Answer(definition, activities, call, answer);
        }
        await AbandonAsync(work, checkpoint.NoLongerAwaited, stored.State, cancellation);
        var hasMore = advance.Call is not null || checkpoint.HasMore;
        if (!await checkpoint.WriteAsync(hasMore, LeaseDuration, cancellation))
        {
            log.LeaseLost(lease.InstanceId);
            return false;
        }
        CrashPoint.Reach(CheckpointStation);
        await work.CommitAsync(cancellation);
        CrashPoint.Reach(CommittedStation);
        log.Advanced(lease.InstanceId, advance.State.Status.ToString());
        return hasMore;
    }

    async Task<ActivityAnswer> AnswerAsync(
        PresentedTransaction work,
        Lease lease,
        InstanceState state,
        PendingCall call,
        CancellationToken cancellation
    ) =>
        lease.Attempts >= AttemptsMax
            ? new ActivityAnswer.Failed($"It failed {AttemptsMax} times and was given up.")
        : call.Type == BuiltInActivities.ExecuteWorkflow
            ? await ExecuteAsync(work, state, call, cancellation)
        : await activities
            .Find(call.Type)!
            .RunAsync(
                Call(work, state, call.ActivityId, call.Execution, call.Inputs),
                cancellation
            );

    /// <summary>Another workflow, with what this one was started with and what the activity gives besides.</summary>
    async Task<ActivityAnswer> ExecuteAsync(
        PresentedTransaction work,
        InstanceState above,
        PendingCall call,
        CancellationToken cancellation
    )
    {
        var name = Values.AsText(call.Inputs["workflowDefinitionId"]);
        if (above.Depth >= WorkflowsAboveMax)
            return new ActivityAnswer.Failed(
                $"{WorkflowsAboveMax} workflows are above it already: do they start each other?"
            );
        if (await DefinitionStore.FindPublishedAsync(work, name, cancellation) is not { } stored)
            return new ActivityAnswer.Failed($"There is no published workflow '{name}'.");
        var given = call.Inputs.GetValueOrDefault("input");
        if (given.ValueKind is not (JsonValueKind.Object or JsonValueKind.Undefined))
            return new ActivityAnswer.Failed("Its input 'input' is no object.");
        var correlation = Values.AsText(call.Inputs.GetValueOrDefault("correlationId"));
        if (correlation.Length > CorrelationCharsMax)
            return new ActivityAnswer.Failed(
                $"A correlation id has at most {CorrelationCharsMax} characters."
            );
        Dictionary<string, JsonElement> inputs = new(above.Inputs);
        if (given.ValueKind == JsonValueKind.Object)
            foreach (var input in given.EnumerateObject())
                inputs[input.Name] = input.Value;
        var now = clock.GetUtcNow();
        var below = WorkflowExecutor.Start(
            Load(stored),
            Guid.CreateVersion7(now),
            inputs,
            correlation.Length > 0 ? correlation : above.CorrelationId,
            triggerActivityId: null
        );
        below.Depth = above.Depth + 1;
        below.RootId = above.RootId ?? above.InstanceId;
        await InstanceStore.InsertAsync(work, stored, below, now, cancellation);
        log.Started(name, below.InstanceId, below.CorrelationId);
        return Values.AsBoolean(call.Inputs.GetValueOrDefault("waitForCompletion"))
            ? new ActivityAnswer.Waiting(below.InstanceId.ToString())
            : new ActivityAnswer.Completed(
                "Done",
                new Dictionary<string, JsonElement> { ["Result"] = Values.Of(below.InstanceId) }
            );
    }

    /// <summary>Nobody waits for it any more: it ends, and all that it waits for with it.</summary>
    async Task CancelAsync(
        PresentedTransaction work,
        Guid instanceId,
        CancellationToken cancellation
    )
    {
        if (
            await InstanceStore.TakeOverAsync(work, instanceId, cancellation) is not { } lease
            || await InstanceStore.ReadAsync(work, lease, cancellation) is not { } stored
        )
            return;
        var checkpoint = new Checkpoint(work, lease, stored, clock.GetUtcNow());
        checkpoint.Cancel(
            await DefinitionAsync(work, stored.VersionId, cancellation),
            activities,
            NoLongerAwaited
        );
        await AbandonAsync(work, checkpoint.NoLongerAwaited, stored.State, cancellation);
        await checkpoint.WriteAsync(hasMore: false, TimeSpan.Zero, cancellation);
    }

    async Task AbandonAsync(
        PresentedTransaction work,
        IEnumerable<Bookmark> bookmarks,
        InstanceState state,
        CancellationToken cancellation
    )
    {
        foreach (var bookmark in bookmarks)
            if (bookmark.Name == BuiltInActivities.ExecuteWorkflow)
                await CancelAsync(work, Guid.Parse(bookmark.Key), cancellation);
            else if (activities.Find(bookmark.Name) is { } activity)
                await activity.StopWaitingAsync(
                    Call(work, state, bookmark.ActivityId, bookmark.Execution, NoInputs),
                    bookmark.Key,
                    cancellation
                );
    }

    static ActivityCall Call(
        PresentedTransaction work,
        InstanceState state,
        string activityId,
        int execution,
        IReadOnlyDictionary<string, JsonElement> inputs
    ) =>
        new(
            state.InstanceId,
            activityId,
            ExecutionKey.Of(state.InstanceId, activityId, state.Find(execution)!.Round),
            state.CorrelationId,
            inputs,
            state.Inputs,
            work
        );

    async Task<WorkflowDefinition> DefinitionAsync(
        PresentedTransaction work,
        Guid versionId,
        CancellationToken cancellation
    ) =>
        definitions.TryGetValue(versionId, out var known)
            ? known
            : Load((await DefinitionStore.FindAsync(work, versionId, cancellation))!);

    WorkflowDefinition Load(StoredDefinition stored) =>
        definitions.GetOrAdd(
            stored.VersionId,
            _ =>
                activities.Load(stored.Json) is { Definition: { } definition }
                    ? definition
                    : throw new OperationFailedException(
                        "A published workflow cannot be read any more: an activity that it uses is gone."
                    )
        );
}
