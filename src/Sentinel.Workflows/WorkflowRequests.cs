using Sentinel.Postgres.Access;
using Sentinel.Workflows.Execution;
using Sentinel.Workflows.Journal;

namespace Sentinel.Workflows;

/// <summary>Every answer to the wish that an instance goes on in another version.</summary>
public abstract record MigrationOutcome
{
    public sealed record Requested(int Version) : MigrationOutcome;

    public sealed record NoInstance : MigrationOutcome;

    /// <summary>It follows the version that new instances are started with.</summary>
    public sealed record IsThere(int Version) : MigrationOutcome;

    /// <param name="Obstacles">Every reason, each a sentence.</param>
    public sealed record Cannot(int Version, IReadOnlyCollection<string> Obstacles)
        : MigrationOutcome;
}

/// <summary>What people can ask of an instance; a worker does it, in the rights of the workflow machine.</summary>
public sealed class WorkflowRequests(ActivityCatalogue activities)
{
    readonly DefinitionCache definitions = new(activities);

    /// <summary>Written in the caller's transaction, and done soon after its commit.</summary>
    /// <param name="isRetry">Try again what failed; else cancel.</param>
    /// <returns>False where the organisation has no such instance.</returns>
    public static Task<bool> AskAsync(
        PresentedTransaction work,
        Guid instanceId,
        bool isRetry,
        string reason,
        DateTimeOffset now,
        CancellationToken cancellation
    ) =>
        RequestStore.InsertAsync(
            work,
            instanceId,
            isRetry ? InstanceRequest.Retry : InstanceRequest.Cancel,
            reason,
            null,
            now,
            cancellation
        );

    /// <summary>
    /// Asks that it goes on in the version that new instances are started with. Whether it can is looked at here
    /// for whoever asks, and once more by the worker, because the instance may have gone on meanwhile.
    /// </summary>
    public async Task<MigrationOutcome> MigrateAsync(
        PresentedTransaction work,
        Guid instanceId,
        string reason,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        if (await InstanceStore.FindAsync(work, instanceId, cancellation) is not var (at, state))
            return new MigrationOutcome.NoInstance();
        var drawing = await definitions.FindAsync(work, at, cancellation);
        var newest = (await DefinitionStore.FindPublishedAsync(work, drawing.Id, cancellation))!;
        if (newest.VersionId == at)
            return new MigrationOutcome.IsThere(newest.Version);
        var obstacles = VersionMove.Obstacles(drawing, definitions.Load(newest), state);
        if (obstacles.Count > 0)
            return new MigrationOutcome.Cannot(newest.Version, obstacles);
        await RequestStore.InsertAsync(
            work,
            instanceId,
            InstanceRequest.Migrate,
            reason,
            newest,
            now,
            cancellation
        );
        return new MigrationOutcome.Requested(newest.Version);
    }
}
