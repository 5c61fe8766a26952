using Npgsql;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Workflows.Journal;

namespace Sentinel.Workflows.Publication;

/// <summary>Begins a draft anew: from the newest version, or from an older one that is wanted back.</summary>
public sealed class DropDraft(SentinelDatabase database, TimeProvider clock)
{
    /// <param name="versionId">The version whose text the draft has from now on; null: the newest.</param>
    public async Task<SaveOutcome> RunAsync(
        Secret secret,
        string definitionId,
        Guid? versionId,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Psa,
            secret,
            cancellation
        );
        var newest = await DefinitionStore.FindNewestAsync(work, definitionId, cancellation);
        var wanted = versionId is { } id
            ? await DefinitionStore.FindAsync(work, id, cancellation)
            : newest;
        if (newest is null || wanted is null)
            return new SaveOutcome.Unusable($"There is no such version of {definitionId}.");
        try
        {
            await DraftStore.SaveAsync(
                work,
                definitionId,
                new StoredDraft(newest.Version, wanted.Json),
                clock.GetUtcNow(),
                cancellation
            );
        }
        catch (PostgresException refused)
            when (refused.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return new SaveOutcome.Refused(refused.MessageText);
        }
        await work.CommitAsync(cancellation);
        return new SaveOutcome.Saved(definitionId, wanted.Json, null);
    }
}
