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
public sealed class WorkflowRunner
{
    /// <summary>Where a test may kill the process; nothing may be lost or doubled at any of them.</summary>
    public static IReadOnlyList<string> Stations { get; } =
    [TimersStation, ClaimedStation, EffectStation, CheckpointStation, CommittedStation];

    const string TimersStation = "workflow.timers_fired";
    const string ClaimedStation = "workflow.claimed";
    const string EffectStation = "workflow.effect_done";
    const string CheckpointStation = "workflow.checkpoint_written";
    const string CommittedStation = "workflow.committed";

    const int TimersMax = 1_000;
    const int AdvancedAtOnce = 8;
    const int TogetherMax = 25;
    static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(5);

    readonly SentinelDatabase database;
    readonly ActivityCatalogue activities;
    readonly Func<Guid, Secret> machine;
    readonly TimeProvider clock;
    readonly ILogger<WorkflowRunner> log;
    readonly LeaseStore leases;
    readonly DefinitionCache definitions;
    readonly WorkflowStarts starts;
    readonly ActivityCalls calls;
    readonly string owner = WorkerName.Own;
    bool isAwake;

    /// <param name="machine">What the workflow machine of an organisation presents.</param>
    public WorkflowRunner(
        SentinelDatabase database,
        ActivityCatalogue activities,
        Func<Guid, Secret> machine,
        TimeProvider clock,
        ILogger<WorkflowRunner> log
    )
    {
        this.database = database;
        this.activities = activities;
        this.machine = machine;
        this.clock = clock;
        this.log = log;
        leases = new LeaseStore(database.Jobs);
        definitions = new DefinitionCache(activities);
        starts = new WorkflowStarts(definitions, clock, log);
        calls = new ActivityCalls(activities, definitions, starts, clock);
    }

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
        var instanceId = await starts.StartAsync(
            work,
            stored,
            inputs,
            correlationId,
            trigger: null,
            above: null,
            cancellation
        );
        return new StartOutcome.Begun(instanceId, stored.Version);
    }

    /// <summary>
    /// Tells of an event, in the caller's transaction: those of the instances that wait for it go on, and published
    /// workflows that are drawn to begin with it start.
    /// </summary>
    /// <param name="payload">What is told; JSON null tells nothing.</param>
    public Task<RaisedEvent> RaiseAsync(
        PresentedTransaction work,
        string eventName,
        JsonElement payload,
        IReadOnlyList<Guid> waiting,
        IReadOnlyDictionary<string, JsonElement> inputs,
        string? correlationId,
        CancellationToken cancellation
    ) =>
        starts.RaiseAsync(
            work,
            new PublishedEvent(eventName, correlationId, Local: false, payload),
            waiting,
            inputs,
            cancellation
        );

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
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = AdvancedAtOnce,
            CancellationToken = cancellation,
        };
        // Plain steps of many share a transaction; what acts, asks or tells has one of its own.
        ConcurrentBag<Lease> alone = [];
        await Parallel.ForEachAsync(
            claimed.GroupBy(lease => lease.OrganisationId).SelectMany(of => of.Chunk(TogetherMax)),
            options,
            async (together, token) =>
            {
                foreach (var lease in await AdvanceTogetherAsync(together, token))
                    alone.Add(lease);
            }
        );
        await Parallel.ForEachAsync(
            alone,
            options,
            async (lease, token) => await AdvanceOrPostponeAsync(lease, token)
        );
        return new RunOutcome(timers, claimed.Count);
    }

    /// <summary>Returns those that are still to be advanced one by one.</summary>
    async Task<IReadOnlyList<Lease>> AdvanceTogetherAsync(
        IReadOnlyList<Lease> together,
        CancellationToken cancellation
    )
    {
        if (together.Count == 1)
            return together;
        try
        {
            await using var work = await PresentedTransaction.BeginAsync(
                database.Psa,
                machine(together[0].OrganisationId),
                cancellation
            );
            var now = clock.GetUtcNow();
            var stored = await InstanceStore.ReadAsync(work, together, cancellation);
            List<CheckpointRows> plain = [];
            foreach (var lease in together)
            {
                if (
                    !stored.TryGetValue(lease.InstanceId, out var instance)
                    || instance.Requests.Count > 0
                )
                    continue;
                var definition = await definitions.FindAsync(
                    work,
                    instance.VersionId,
                    cancellation
                );
                var checkpoint = new Checkpoint(
                    work,
                    lease,
                    instance,
                    definition,
                    null,
                    activities,
                    now
                );
                if (checkpoint.Take().Call is null && checkpoint.IsPlain)
                    plain.Add(checkpoint.Rows(isCalling: false));
            }
            if (plain.Count == 0)
                return together;
            if (!await CheckpointStore.WriteAsync(work, plain, now, LeaseDuration, cancellation))
                return together;
            CrashPoint.Reach(CheckpointStation);
            await work.CommitAsync(cancellation);
            CrashPoint.Reach(CommittedStation);
            foreach (var rows in plain)
                log.Advanced(rows.Lease.InstanceId, rows.State.Status.ToString());
            var done = plain
                .Where(rows => !rows.HasMore)
                .Select(rows => rows.Lease.InstanceId)
                .ToHashSet();
            return [.. together.Where(lease => !done.Contains(lease.InstanceId))];
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // One of them fails: which, and why, is said when each is tried by itself.
            log.NotTogether(failure, together.Count);
            return together;
        }
    }

    async Task AdvanceOrPostponeAsync(Lease lease, CancellationToken cancellation)
    {
        string? refusal = null;
        var plan = RetryPlan.Usual;
        try
        {
            while (true)
                try
                {
                    if (!await AdvanceAsync(lease, refusal, one => plan = one, cancellation))
                        return;
                    refusal = null;
                    // What failed before it went on says nothing of what comes next.
                    lease = lease with
                    {
                        Attempts = 0,
                    };
                }
                catch (ActivityRefusedException refused)
                {
                    refusal = refused.Message;
                }
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // One instance that fails must not stop the others; it is tried again, and the row says why.
            var until = clock.GetUtcNow() + plan.WaitAfter(lease.Attempts);
            log.Postponed(failure, lease.InstanceId, lease.Attempts + 1, until);
            // Of an organisation that is suspended everything is kept, and nothing is given up.
            var isAttempt = failure is not CredentialRefusedException;
            await leases.PostponeAsync(lease, until, failure.Message, isAttempt, cancellation);
        }
    }

    /// <summary>One transaction: at most one effect, and the checkpoint after it. True: there is more.</summary>
    async Task<bool> AdvanceAsync(
        Lease lease,
        string? refusal,
        Action<RetryPlan> plan,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Psa,
            machine(lease.OrganisationId),
            cancellation
        );
        var read = await InstanceStore.ReadAsync(work, [lease], cancellation);
        if (read.GetValueOrDefault(lease.InstanceId) is not { } stored)
        {
            log.LeaseLost(lease.InstanceId);
            return false;
        }
        using var story = log.BeginScope("{CorrelationId}", stored.State.CorrelationId);
        var definition = await definitions.FindAsync(work, stored.VersionId, cancellation);
        var checkpoint = new Checkpoint(
            work,
            lease,
            stored,
            definition,
            await NextAsync(work, stored, cancellation),
            activities,
            clock.GetUtcNow()
        );
        var advance = checkpoint.Take();
        if (advance.Call is { } call)
        {
            plan(RetryPlan.Of(call.Inputs) ?? RetryPlan.Usual);
            var answer = refusal is null
                ? await calls.AnswerAsync(
                    work,
                    lease,
                    advance.State,
                    call,
                    stored.LastError,
                    cancellation
                )
                : new ActivityAnswer.Failed(refusal);
            CrashPoint.Reach(EffectStation);
            checkpoint.Note(call, answer);
            advance = checkpoint.Answer(call, answer);
        }
        await calls.AbandonAsync(work, checkpoint.NoLongerAwaited, stored.State, cancellation);
        foreach (var happened in checkpoint.Published)
        foreach (
            var why in await starts.StartByAsync(work, happened, checkpoint.State, cancellation)
        )
            checkpoint.Refuse(why);
        var rows = checkpoint.Rows(isCalling: advance.Call is not null);
        if (!await checkpoint.WriteAsync(rows, LeaseDuration, cancellation))
        {
            log.LeaseLost(lease.InstanceId);
            return false;
        }
        CrashPoint.Reach(CheckpointStation);
        await work.CommitAsync(cancellation);
        CrashPoint.Reach(CommittedStation);
        log.Advanced(lease.InstanceId, advance.State.Status.ToString());
        return rows.HasMore;
    }

    /// <summary>The version in which somebody asked it to go on, or null.</summary>
    async Task<(StoredDefinition, WorkflowDefinition)?> NextAsync(
        PresentedTransaction work,
        StoredInstance stored,
        CancellationToken cancellation
    )
    {
        if (stored.Requests is not [{ To: { } versionId }, ..])
            return null;
        var version = (await DefinitionStore.FindAsync(work, versionId, cancellation))!;
        return (version, definitions.Load(version));
    }
}
