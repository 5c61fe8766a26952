using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;

namespace Sentinel.Psa.Notes;

/// <summary>Takes a case off somebody's list again. Answers with everybody who still watches.</summary>
public sealed class UnwatchCase(SentinelDatabase database, TimeProvider clock)
{
    const string Reason = "no longer watched";

    /// <param name="userId">Whoever asks, where it is null.</param>
    public Task<Outcome<IReadOnlyList<Guid>>> RunAsync(
        Secret secret,
        Guid caseId,
        Guid? userId,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("case.unwatch", "case", caseId, caseId),
            work => InAsync(work, caseId, userId ?? work.Actor.Id, cancellation),
            cancellation
        );

    async Task<Outcome<IReadOnlyList<Guid>>> InAsync(
        PresentedTransaction work,
        Guid caseId,
        Guid userId,
        CancellationToken cancellation
    )
    {
        if (await CaseStore.LockAsync(work, caseId, cancellation) is null)
            return new Outcome<IReadOnlyList<Guid>>.NotFound($"case {caseId}");
        if (await NoteStore.WatcherIdAsync(work, caseId, userId, cancellation) is not { } id)
            return new Outcome<IReadOnlyList<Guid>>.NotFound($"watcher {userId} of case {caseId}");
        if (await PermissionStore.LackingAsync(work, "case.watch", cancellation) is { } refusal)
            return new Outcome<IReadOnlyList<Guid>>.Declined(refusal);
        await TombstoneStore.InsertAsync(
            work,
            caseId,
            "case_watcher",
            id,
            Reason,
            clock.GetUtcNow(),
            cancellation
        );
        return new Outcome<IReadOnlyList<Guid>>.Done(
            await NoteStore.WatchersAsync(work, caseId, cancellation)
        );
    }
}
