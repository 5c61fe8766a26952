using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;

namespace Sentinel.Psa.Notes;

/// <summary>
/// Puts a case on somebody's list of what they watch. It gives no right that the person does not have.
/// Answers with everybody who watches.
/// </summary>
public sealed class WatchCase(SentinelDatabase database, TimeProvider clock)
{
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
            new Deed("case.watch", "case", caseId, caseId),
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
        if (!await PersonStore.ExistsAsync(work, userId, cancellation))
            return new Outcome<IReadOnlyList<Guid>>.NotFound($"user {userId}");
        if (await PermissionStore.LackingAsync(work, "case.watch", cancellation) is { } refusal)
            return new Outcome<IReadOnlyList<Guid>>.Declined(refusal);
        await NoteStore.AddWatcherAsync(work, caseId, userId, clock.GetUtcNow(), cancellation);
        return new Outcome<IReadOnlyList<Guid>>.Done(
            await NoteStore.WatchersAsync(work, caseId, cancellation)
        );
    }
}
