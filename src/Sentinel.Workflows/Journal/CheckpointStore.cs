using Npgsql;
using Sentinel.Postgres.Access;
using Sentinel.Workflows.Execution;

namespace Sentinel.Workflows.Journal;

/// <summary>What one transaction has changed in an instance.</summary>
/// <param name="Signals">How often it had been signalled when it was read.</param>
/// <param name="HasMore">The lease is kept, because there is more to do at once.</param>
/// <param name="Done">Activities with an effect, and how they answered.</param>
/// <param name="Burned">Executions whose bookmarks nobody waits for any more.</param>
/// <param name="Version">The one that it follows from here on; null: as before.</param>
sealed record CheckpointRows(
    Lease Lease,
    InstanceState State,
    long Signals,
    bool HasMore,
    IReadOnlyList<(PendingCall Call, ActivityAnswer Answer)> Done,
    IReadOnlyList<JournalRow> Journal,
    IReadOnlyList<Bookmark> Bookmarks,
    IReadOnlyCollection<int> Burned,
    StoredDefinition? Version
);

/// <summary>State, journal, bookmarks and what was done, of one instance or several, in one round trip.</summary>
static class CheckpointStore
{
    /// <summary>False where a lease was lost: then nothing of this may be committed.</summary>
    public static async Task<bool> WriteAsync(
        PresentedTransaction work,
        IReadOnlyList<CheckpointRows> checkpoints,
        DateTimeOffset now,
        TimeSpan leaseDuration,
        CancellationToken cancellation
    )
    {
        var organisation = work.Actor.OrganisationId;
        var state = InstanceStore.Checkpoint(checkpoints, now, leaseDuration);
        await using var batch = new NpgsqlBatch(work.Connection, work.Transaction);
        batch.BatchCommands.Add(state);
        foreach (var checkpoint in checkpoints)
            if (checkpoint.Version is { } version)
                batch.BatchCommands.Add(InstanceStore.Follow(checkpoint.Lease.InstanceId, version));
        foreach (var checkpoint in checkpoints)
        foreach (var (call, answer) in checkpoint.Done)
            batch.BatchCommands.Add(
                JournalStore.AppendExecution(organisation, checkpoint.Lease, call, answer, now)
            );
        if (checkpoints.Any(checkpoint => checkpoint.Journal.Count > 0))
            batch.BatchCommands.Add(JournalStore.Append(organisation, checkpoints, now));
        foreach (var command in BookmarkStore.Insert(organisation, checkpoints, now))
            batch.BatchCommands.Add(command);
        if (checkpoints.Any(checkpoint => checkpoint.Burned.Count > 0))
            batch.BatchCommands.Add(BookmarkStore.Burn(checkpoints, now));
        await batch.ExecuteNonQueryAsync(cancellation);
        return (int)state.RecordsAffected == checkpoints.Count;
    }
}
