using Npgsql;
using Sentinel.Postgres.Access;
using Sentinel.Workflows.Execution;

namespace Sentinel.Workflows.Journal;

/// <summary>What one transaction has changed in an instance.</summary>
/// <param name="Signals">How often it had been signalled when it was read.</param>
/// <param name="Done">Activities with an effect, and how they answered.</param>
/// <param name="Burned">Executions whose bookmarks nobody waits for any more.</param>
sealed record CheckpointRows(
    InstanceState State,
    long Signals,
    IReadOnlyList<(PendingCall Call, ActivityAnswer Answer)> Done,
    IReadOnlyList<JournalRow> Journal,
    IReadOnlyList<Bookmark> Bookmarks,
    IReadOnlyCollection<int> Burned
);

/// <summary>State, journal, bookmarks and what was done, in one round trip.</summary>
static class CheckpointStore
{
    /// <summary>False where the lease was lost: then nothing of this may be committed.</summary>
    public static async Task<bool> WriteAsync(
        PresentedTransaction work,
        Lease lease,
        CheckpointRows rows,
        bool hasMore,
        DateTimeOffset now,
        TimeSpan leaseDuration,
        CancellationToken cancellation
    )
    {
        var organisation = work.Actor.OrganisationId;
        var state = InstanceStore.Checkpoint(
            lease,
            rows.State,
            rows.Signals,
            hasMore,
            now,
            leaseDuration
        );
        await using var batch = new NpgsqlBatch(work.Connection, work.Transaction);
        batch.BatchCommands.Add(state);
        foreach (var (call, answer) in rows.Done)
            batch.BatchCommands.Add(
                JournalStore.AppendExecution(organisation, lease, call, answer, now)
            );
        if (rows.Journal.Count > 0)
            batch.BatchCommands.Add(
                JournalStore.Append(organisation, lease.InstanceId, rows.Journal, now)
            );
        foreach (var bookmark in rows.Bookmarks)
        foreach (var command in BookmarkStore.Insert(organisation, rows.State, bookmark, now))
            batch.BatchCommands.Add(command);
        if (rows.Burned.Count > 0)
            batch.BatchCommands.Add(BookmarkStore.Burn(lease.InstanceId, rows.Burned, now));
        await batch.ExecuteNonQueryAsync(cancellation);
        return state.RecordsAffected == 1;
    }
}
